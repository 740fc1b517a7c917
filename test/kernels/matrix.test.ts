import fc from 'fast-check';
import t from 'tap';
import { numbers, seeds, uniform } from './arbitraries.js';
import { WORKBENCHES } from './workbench.js';

const sizes = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constantFrom(48, 100, 399, 400, 401, 803));
const shapes = fc.tuple(sizes, sizes, sizes).filter(([m, n, k]) => m * n * k < 300_000);

for (const bench of WORKBENCHES) {
  const { kernels } = bench;
  const products = {
    multiply: { transposeA: false, transposeB: false },
    multiplyTransposedA: { transposeA: true, transposeB: false },
    multiplyTransposedB: { transposeA: false, transposeB: true },
  } as const;
  for (const [name, { transposeA, transposeB }] of Object.entries(products)) {
    t.test(`${bench.kind}: ${name} is the product, of any size, and writes nothing else`, async (t) => {
      fc.assert(
        fc.property(shapes, seeds, ([m, n, k], seed) => {
          bench.reset();
          const random = uniform(seed);
          const a = bench.floats(numbers(random, m * k));
          const b = bench.floats(numbers(random, k * n));
          const c = bench.floats(new Float32Array(m * n).fill(NaN));
          const workspace = bench.floats(new Float32Array(kernels.multiplyWorkspace(m, n, k) / 4));
          kernels[name as keyof typeof products](a.address, b.address, c.address, m, n, k, workspace.address);
          for (let i = 0; i < m; i++) {
            for (let j = 0; j < n; j++) {
              let sum = 0;
              let magnitude = 0;
              for (let p = 0; p < k; p++) {
                const term = a.view[transposeA ? p * m + i : i * k + p]! * b.view[transposeB ? j * k + p : p * n + j]!;
                sum += term;
                magnitude += Math.abs(term);
              }
              if (!(Math.abs(c.view[i * n + j]! - sum) <= 1e-6 * (1 + magnitude))) return false;
            }
          }
          return a.intact() && b.intact() && c.intact() && workspace.intact();
        }),
      );
      t.end();
    });
  }

  t.test(`${bench.kind}: a NaN reaches the row and the column that it belongs to, and no others`, async (t) => {
    bench.reset();
    const [m, n, k] = [7, 9, 5];
    const a = bench.floats(new Float32Array(m * k).fill(1));
    const b = bench.floats(new Float32Array(k * n).fill(1));
    const c = bench.floats(new Float32Array(m * n));
    a.view[6 * k + 2] = NaN;
    b.view[3 * n + 8] = Infinity;
    kernels.multiply(a.address, b.address, c.address, m, n, k, bench.bytes(kernels.multiplyWorkspace(m, n, k)));
    c.view.forEach((value, at) => {
      const expected = at >= 6 * n ? NaN : at % n === 8 ? Infinity : k;
      t.ok(Object.is(value, expected), `row ${Math.floor(at / n)}, column ${at % n}`);
    });
  });

  t.test(`${bench.kind}: the inner loop alone adds the product of two panels to a tile, again and again`, async (t) => {
    bench.reset();
    const k = 7;
    const random = uniform(1);
    const a = bench.floats(numbers(random, 6 * k));
    const b = bench.floats(numbers(random, 8 * k));
    const c = bench.floats(new Float32Array(48).fill(0.5));
    const rows = kernels.multiplyPanels(a.address, b.address, c.address, k, 3);
    t.equal(rows, bench.kind === 'relaxed' ? 6 : 5);
    c.view.forEach((value, at) => {
      const [i, j] = [Math.floor(at / 8), at % 8];
      let sum = 0.5;
      if (i < rows) for (let p = 0; p < k; p++) sum += 3 * a.view[p * rows + i]! * b.view[p * 8 + j]!;
      t.ok(Math.abs(value - sum) < 1e-5, `row ${i}, column ${j}`);
    });
    t.ok(a.intact() && b.intact() && c.intact());
  });

  t.test(`${bench.kind}: an empty sum is 0`, async (t) => {
    bench.reset();
    const c = bench.floats([1, 2, 3, 4, 5, 6]);
    kernels.multiply(bench.bytes(0), bench.bytes(0), c.address, 2, 3, 0, bench.bytes(kernels.multiplyWorkspace(2, 3, 0)));
    t.same([...c.view], [0, 0, 0, 0, 0, 0]);
  });
}
