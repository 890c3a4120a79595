/** The 97.5 % quantiles of Student's t for 1, 2, ... 10 degrees of freedom. */
const SMALL = [12.7062, 4.30265, 3.18245, 2.77645, 2.57058, 2.44691, 2.36462, 2.306, 2.26216, 2.22814];

/** The 97.5 % quantile of the normal distribution. */
const Z = 1.959964;

/**
 * How many standard errors a 95 % confidence interval reaches to each side of the mean. Beyond the table: the expansion of Cornish and Fisher
 * (Abramowitz and Stegun 26.7.5), right to four digits there.
 *
 * @param degreesOfFreedom at least 1
 */
export function studentT(degreesOfFreedom: number): number {
  const known = SMALL[degreesOfFreedom - 1];
  if (known !== undefined) return known;
  const first = (Z ** 3 + Z) / 4;
  const second = (5 * Z ** 5 + 16 * Z ** 3 + 3 * Z) / 96;
  const third = (3 * Z ** 7 + 19 * Z ** 5 + 17 * Z ** 3 - 15 * Z) / 384;
  return Z + first / degreesOfFreedom + second / degreesOfFreedom ** 2 + third / degreesOfFreedom ** 3;
}
