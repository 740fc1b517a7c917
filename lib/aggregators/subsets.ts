/** How many subsets of `size` of n rows there are, for a message: exactly up to fifteen digits, else to two of them. */
export function subsetCount(n: number, size: number): string {
  let count = 1n;
  // After each step the product is itself a number of subsets, so it divides without a rest.
  for (let k = 1; k <= Math.min(size, n - size); k++) count = (count * BigInt(n - k + 1)) / BigInt(k);
  const digits = String(count);
  if (digits.length <= 15) return digits.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return `about ${digits.slice(0, 1)}.${digits.slice(1, 2)}·10^${digits.length - 1}`;
}
