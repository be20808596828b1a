// The program that `recvq` starts: sets V8 up, and loads the command line from what an earlier start has
// compiled.

import { join } from "node:path";
import { tuneV8 } from "../node/tuning.js";
import { cachedModules } from "./code-cache.js";

/** Names everything that is bundled (scripts/bundle.mjs). */
declare const BUILD: string;

// Flags come before the first script: V8 takes nothing that was compiled with others. Which commands gain
// from them is in tuning.ts.
const TUNED = ["run", "sweep", "worker"];

// A longer run has thrown away what its start had compiled, and a command that only helps has compiled
// little.
const SHORT_S = 2;
const HELP = ["--help", "-h", "--version", "-V"];

const words = process.argv.slice(2);
const [name = ""] = words;
if (TUNED.includes(name)) tuneV8();
const command = /^[a-z]+$/.test(name) ? name : "other";
const folder = join(__dirname, "../code-cache", BUILD, `${process.arch}-${process.versions.v8}-${command}`);
const modules = cachedModules(folder);
// Node's own variable for its own cache of this kind.
const isWanted = !process.env.NODE_DISABLE_COMPILE_CACHE && !words.some((word) => HELP.includes(word));
if (isWanted) {
  process.on("exit", (code) => {
    if (code === 0 && process.uptime() < SHORT_S) modules.keep();
  });
}
modules.load(join(__dirname, "main.js"));
