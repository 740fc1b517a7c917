import t from 'tap';
import { preaggregate } from '../../lib/pipeline/aggregate.js';
import { mean, multiKrum } from '../aggregators/reference.js';
import { difference, normalRows, runPipeline } from '../aggregators/rows.js';
import * as reference from './reference.js';

const rows = normalRows(13, 60);

t.test('pre-aggregators run in the order of the scenario', async (t) => {
  const nnm = { name: 'nnm' };
  const bucketing = { name: 'bucketing', s: 3 };
  const aggregator = { name: 'median', f: 2 };
  const first = runPipeline({ preaggregators: [nnm, bucketing], aggregator }, rows, { seed: 1 });
  const second = runPipeline({ preaggregators: [bucketing, nnm], aggregator }, rows, { seed: 1 });
  t.notSame(first.output, second.output);
  t.match(first.pipeline.resolved(), {
    preaggregators: [{ name: 'nnm', parameters: { neighbours: 10 }, n: 13 }, { name: 'bucketing', parameters: { s: 3 }, n: 5 }],
    aggregator: { name: 'median', n: 5, f: 2 },
  });
  t.match(second.pipeline.resolved().preaggregators, [{ name: 'bucketing', parameters: { s: 3 }, n: 5 }, { name: 'nnm', parameters: { neighbours: 2 }, n: 5 }]);
});

t.test('a chain of one and the rule are what the two are one after the other', async (t) => {
  const mixed = reference.nnm(rows, 2);
  t.ok(difference(runPipeline({ preaggregators: [{ name: 'nnm' }], aggregator: { name: 'multi-krum', f: 2 } }, rows).output, multiKrum(mixed, 9, 2, 11)) < 1e-5);
  const clipped = preaggregate({ name: 'clipping', C: 4 }, preaggregate('arc', rows, { f: 3 }));
  const { output, pipeline } = runPipeline({ preaggregators: [{ name: 'arc' }, { name: 'clipping', C: 4 }], aggregator: { name: 'mean', f: 3 } }, rows);
  t.ok(difference(output, mean(clipped)) < 1e-6);
  t.match(pipeline.resolved().preaggregators, [{ name: 'arc', parameters: { k: 4 }, n: 13 }, { name: 'clipping', parameters: { C: 4 }, n: 13 }]);
});

t.test('clipped rows stay their workers\', mixed ones have no weights', async (t) => {
  const spoilt = rows.with(3, new Float32Array(60).fill(Infinity));
  for (const [preaggregators, weighted] of [
    [[{ name: 'clipping', C: 1 }, { name: 'arc' }], true],
    [[{ name: 'nnm' }], false],
    [[{ name: 'bucketing' }], false],
    [[{ name: 'nnm' }, { name: 'arc' }], false],
  ] as const) {
    const { weights, removed } = runPipeline({ preaggregators, aggregator: { name: 'mean', f: 2 } }, spoilt);
    t.same(removed, [3]);
    t.same(weights, weighted ? Float64Array.from(rows, (_, i) => (i === 3 ? 0 : 1 / 12)) : undefined, preaggregators.map(({ name }) => name).join());
  }
});

t.test('two bucketings in one chain shuffle differently', async (t) => {
  // Marked rows in buckets of 1 and again: the second order is not the first one twice.
  const marked = Array.from({ length: 20 }, (_, i) => Float32Array.of(i));
  const krumOf = (preaggregators: { name: string; s: number }[]): number[] =>
    Array.from({ length: 8 }, (_, round) => runPipeline({ preaggregators, aggregator: { name: 'krum', c: 0, f: 0 }, allowUnsafe: true }, marked, { round }).output[0]!);
  const one = { name: 'bucketing', s: 2 };
  t.notSame(krumOf([one]), krumOf([one, one]));
  t.same(krumOf([one, one]), krumOf([one, one]));
});
