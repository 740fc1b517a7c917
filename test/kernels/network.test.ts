import fc from 'fast-check';
import t from 'tap';
import { maximumComparators, selectionNetwork, sortingNetwork } from '../../lib/kernels/network.js';
import { SORTED_ROW_BYTES } from '../../lib/kernels/sizes.js';
import { seeds, uniform } from './arbitraries.js';

t.test('a sorting network sorts every sequence of zeros and ones, hence every sequence', async (t) => {
  for (let n = 1; n <= 14; n++) {
    const network = sortingNetwork(n);
    let unsorted = 0;
    for (let bits = 0; bits < 2 ** n; bits++) {
      const values = Array.from({ length: n }, (_, at) => (bits >> at) & 1);
      run(network, values);
      if (values.some((value, at) => at > 0 && value < values[at - 1]!)) unsorted += 1;
    }
    t.equal(unsorted, 0, `n = ${n}`);
  }
});

t.test('a sorting network for any n sorts permutations', async (t) => {
  const random = uniform(1);
  for (let n = 1; n <= 1000; n += n < 130 ? 1 : 97) {
    const network = sortingNetwork(n);
    for (let repeat = 0; repeat < 5; repeat++) {
      const values = permutation(random, n);
      run(network, values);
      if (values.some((value, at) => value !== at)) t.fail(`n = ${n}`);
    }
    if (network.length / 2 > maximumComparators(n)) t.fail(`n = ${n} has more comparators than the bound`);
  }
});

t.test('a selection network brings the wanted values to their places, as a set, for every zero-one sequence', async (t) => {
  for (let n = 1; n <= 10; n++) {
    for (let first = 0; first < n; first++) {
      for (let last = first; last < n; last++) {
        const network = selectionNetwork(n, first, last);
        for (let bits = 0; bits < 2 ** n; bits++) {
          const values = Array.from({ length: n }, (_, at) => (bits >> at) & 1);
          const ones = values.reduce((sum, value) => sum + value, 0);
          run(network, values);
          const found = values.slice(first, last + 1).reduce((sum, value) => sum + value, 0);
          const wanted = Math.min(Math.max(0, last + 1 - (n - ones)), last + 1 - first);
          if (found !== wanted) t.fail(`n = ${n}, ${first} … ${last}, ${bits.toString(2)}`);
        }
      }
    }
  }
});

t.test('a selection network for any n and range selects from permutations, with no more comparators than sorting takes', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), seeds, (n, a, b, seed) => {
      const [first, last] = [a % n, b % n].sort((x, y) => x - y) as [number, number];
      const network = selectionNetwork(n, first, last);
      const values = permutation(uniform(seed), n);
      run(network, values);
      const found = values.slice(first, last + 1).sort((x, y) => x - y);
      return found.every((value, at) => value === first + at) && network.length <= sortingNetwork(n).length;
    }),
  );
});

t.test('the bound on comparators grows with n', async (t) => {
  for (let n = 1; n < 1100; n++) {
    if (maximumComparators(n) > maximumComparators(n + 1)) t.fail(`n = ${n}`);
  }
});

function run(network: Uint32Array, values: number[]): void {
  for (let at = 0; at < network.length; at += 2) {
    const low = network[at]! / SORTED_ROW_BYTES;
    const high = network[at + 1]! / SORTED_ROW_BYTES;
    const [a, b] = [values[low]!, values[high]!];
    values[low] = Math.min(a, b);
    values[high] = Math.max(a, b);
  }
}

function permutation(random: () => number, n: number): number[] {
  const values = Array.from({ length: n }, (_, at) => at);
  for (let at = n - 1; at > 0; at--) {
    const other = Math.floor(random() * (at + 1));
    [values[at], values[other]] = [values[other]!, values[at]!];
  }
  return values;
}
