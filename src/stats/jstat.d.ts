// jstat ships no types; these are the functions used here.
declare module "jstat" {
  const jStat: {
    beta: { inv(probability: number, alpha: number, beta: number): number };
    normal: { inv(probability: number, mean: number, deviation: number): number };
    studentt: { inv(probability: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
