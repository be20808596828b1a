// jstat ships no types; these are the functions used here.
declare module "jstat" {
  const jStat: {
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
