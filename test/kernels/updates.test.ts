import fc from 'fast-check';
import t from 'tap';
import { isClose, lengths, numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

for (const bench of WORKBENCHES) {
  const { kernels } = bench;

  t.test(`${bench.kind}: fill, copy, gather, clamp, addScaled and decayAndAdd do what they say`, async () => {
    fc.assert(
      fc.property(lengths, seeds, (d, seed) => {
        bench.reset();
        const random = uniform(seed);
        const x = bench.floats(numbers(random, d));
        const y = bench.floats(numbers(random, d));
        const before = y.view.slice();
        kernels.addScaled(-0.5, x.address, y.address, 0, d);
        if (!y.view.every((value, k) => isClose(value, before[k]! - 0.5 * x.view[k]!, 1e-7, 1))) return false;
        y.view.set(before);
        kernels.decayAndAdd(0.9, y.address, 0.1, x.address, 0, d);
        if (!y.view.every((value, k) => isClose(value, 0.9 * before[k]! + 0.1 * x.view[k]!, 2e-7, 1))) return false;
        kernels.copy(x.address, y.address, 0, d);
        if (!y.view.every((value, k) => value === x.view[k])) return false;
        const places = Array.from({ length: d }, () => Math.floor(random() * d));
        y.view.fill(NaN);
        kernels.gather(x.address, bench.words(places), y.address, 0, d);
        if (!y.view.every((value, k) => value === x.view[places[k]!])) return false;
        const [low, high] = [bench.floats(x.view.map((value) => value - 0.3)), bench.floats(x.view.map((value) => value + 0.1))];
        const wide = numbers(random, d).map((value, k) => (k % 7 === 3 ? NaN : 2 * value));
        y.view.set(wide);
        kernels.clamp(y.address, low.address, high.address, 0, d);
        if (!y.view.every((value, k) => Object.is(value, Math.min(Math.max(Math.fround(wide[k]!), low.view[k]!), high.view[k]!)))) return false;
        kernels.fill(y.address, 0, d, -0.25);
        return y.view.every((value) => value === -0.25) && y.intact();
      }),
    );
  });
}

for (const bench of WORKBENCHES) {
  t.test(`${bench.kind}: adagrad divides each step by the root of the squares so far`, async (t) => {
    fc.assert(
      fc.property(lengths, seeds, fc.constantFrom(1e-20, 1, 1e20), (d, seed, scale) => {
        bench.reset();
        const random = uniform(seed);
        const gradients = [numbers(random, d, scale), numbers(random, d, scale)];
        const y = bench.floats(numbers(random, d));
        const sums = bench.doubles(d);
        sums.view.fill(0);
        const expected = Float64Array.from(y.view);
        const squares = new Float64Array(d);
        for (const gradient of gradients) {
          bench.kernels.adagrad(0.1, sums.address, bench.floats(gradient).address, y.address, 0, d);
          gradient.forEach((value, k) => {
            squares[k]! += value * value;
            if (squares[k]! > 0) expected[k] = Math.fround(expected[k]! - (0.1 * value) / Math.sqrt(squares[k]!));
          });
        }
        return y.view.every((value, k) => isClose(value, expected[k]!, 2e-7, 1)) && sums.view.every((value, k) => isClose(value, squares[k]!, 1e-15)) && y.intact();
      }),
    );
    bench.reset();
    const [y, x, sums] = [bench.floats([1, 2, 3, 4, 5]), bench.floats([0, 0, -1e-45, 0, 0]), bench.doubles(5)];
    sums.view.fill(0);
    bench.kernels.adagrad(0.5, sums.address, x.address, y.address, 0, 5);
    t.same([...y.view], [1, 2, 3.5, 4, 5], 'a coordinate whose gradients were all 0 stays, and the first step of another is the rate');
  });
}
