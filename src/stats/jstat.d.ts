// jstat ships no types; these are the functions used here.
declare module "jstat" {
  const jStat: {
    beta: { inv(probability: number, alpha: number, beta: number): number };
    studentt: {
      inv(probability: number, degreesOfFreedom: number): number;
      cdf(value: number, degreesOfFreedom: number): number;
    };
    normal: {
      inv(probability: number, mean: number, deviation: number): number;
      cdf(value: number, mean: number, deviation: number): number;
    };
    chisquare: { inv(probability: number, degreesOfFreedom: number): number };
  };
  export default jStat;
}
