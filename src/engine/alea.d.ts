// @types/seedrandom declares the package as a whole; recvq imports this one generator of it.
declare module "seedrandom/lib/alea.js" {
  import type seedrandom from "seedrandom";

  const alea: seedrandom["alea"];
  export = alea;
}
