import quantile from '@stdlib/stats-base-dists-normal-quantile';

/**
 * z_max of Baruch, Baruch, Goldberg 2019, Algorithm 3: the corrupted workers need s more for a majority, so the lie is as many
 * standard deviations from the mean as leave s of the n − f honest rows beyond it, if these are normal. Negative for few workers;
 * infinite when s is not between 0 and n − f.
 */
export function algorithm3(n: number, f: number): number {
  const supporters = Math.floor(n / 2 + 1) - f;
  const honest = n - f;
  const share = (honest - supporters) / honest;
  if (!(share < 1)) return Infinity;
  return share > 0 ? quantile(share, 0, 1) : -Infinity;
}
