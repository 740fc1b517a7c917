import fc from 'fast-check';
import t from 'tap';
import { labelHistogram, type Partition, PartitionError, type Partitioner } from '../../lib/data/partition.js';
import { dirichlet, drawDirichlet } from '../../lib/data/partitions/dirichlet.js';
import { iid } from '../../lib/data/partitions/iid.js';
import { labelShards } from '../../lib/data/partitions/label-shards.js';
import { Stream } from '../../lib/data/random.js';
import { PARTITIONS } from '../../lib/data/registry.js';

const stream = (seed = 0): Stream => new Stream(seed, 'partition');
const shardLengths = ({ offsets }: Partition): number[] => Array.from(offsets.subarray(1), (end, worker) => end - offsets[worker]!);
const balanced = (samples: number): Uint8Array => Uint8Array.from({ length: samples }, (_, i) => i % 10);

/** Labels of up to 200 samples, every class possible and none certain, and at most as many workers. */
const problem = fc
  .record({ labels: fc.uint8Array({ min: 0, max: 9, minLength: 1, maxLength: 200 }), seed: fc.nat() })
  .chain(({ labels, seed }) => fc.record({ labels: fc.constant(labels), seed: fc.constant(seed), workers: fc.integer({ min: 1, max: labels.length }) }));

const given: Record<string, fc.Arbitrary<object>> = {
  iid: fc.constant({}),
  dirichlet: fc.record({ alpha: fc.oneof(fc.constantFrom(1e-6, 1e-3, 0.5, 1, 1e9), fc.double({ min: 1e-6, max: 1e9, noNaN: true })) }),
  'label-shards': fc.record({ labels: fc.integer({ min: 1, max: 10 }) }),
};

for (const partitioner of PARTITIONS) {
  t.test(`${partitioner.name}: shards are disjoint, none is empty, the same stream gives the same shards`, async () => {
    fc.assert(
      fc.property(problem, given[partitioner.name]!, ({ labels, workers, seed }, parameters) => {
        const before = labels.slice();
        const partition = partitioner.partition(labels, 10, workers, parameters, stream(seed));
        const { indices, offsets } = partition;
        const again = partitioner.partition(labels, 10, workers, parameters, stream(seed));
        return (
          offsets.length === workers + 1 &&
          offsets[0] === 0 &&
          offsets[workers] === indices.length &&
          shardLengths(partition).every((length) => length >= 1) &&
          new Set(indices).size === indices.length &&
          indices.every((index) => index < labels.length) &&
          Buffer.from(indices.buffer).equals(Buffer.from(again.indices.buffer)) &&
          labels.every((label, i) => label === before[i])
        );
      }),
    );
  });

  t.test(`${partitioner.name}: fewer samples than workers is refused with the figures`, async (t) => {
    const [parameters] = fc.sample(given[partitioner.name]!, 1);
    const message = "9 training samples can't give each of 10 workers at least one; use fewer workers or more samples";
    t.throws(() => partitioner.partition(balanced(9), 10, 10, parameters!, stream()), { name: 'PartitionError', message });
    t.equal(partitioner.check(9, 10, 10, parameters!), message, 'known from the numbers alone');
    t.equal(partitioner.check(10, 10, 10, parameters!), undefined);
  });

  t.test(`${partitioner.name}: shards are in random order, and another seed gives others`, async (t) => {
    const parameters = partitioner.parameters.parse({ iid: {}, dirichlet: { alpha: 1 }, 'label-shards': { labels: 2 } }[partitioner.name]);
    const one = partitioner.partition(balanced(1000), 10, 4, parameters, stream(1));
    const other = partitioner.partition(balanced(1000), 10, 4, parameters, stream(2));
    t.notOk(Buffer.from(one.indices.buffer).equals(Buffer.from(other.indices.buffer)));
    const ascents = one.indices.filter((index, i) => i > 0 && index > one.indices[i - 1]!).length;
    t.ok(Math.abs(ascents / one.indices.length - 0.5) < 0.08, `${ascents} ascents among ${one.indices.length}`);
  });
}

t.test('iid shards are equal, and only the remainder is left out', async () => {
  fc.assert(
    fc.property(problem, ({ labels, workers, seed }) => {
      const each = Math.floor(labels.length / workers);
      return shardLengths(iid.partition(labels, 10, workers, {}, stream(seed))).every((length) => length === each);
    }),
  );
});

t.test('Dirichlet shards together hold every sample', async () => {
  fc.assert(
    fc.property(problem, given['dirichlet']!, ({ labels, workers, seed }, parameters) => {
      const { indices } = (dirichlet as Partitioner).partition(labels, 10, workers, parameters, stream(seed));
      return indices.length === labels.length;
    }),
  );
});

t.test('a huge alpha splits each class evenly, a tiny one gives it to one worker', async (t) => {
  const labels = balanced(5000);
  const even = labelHistogram(dirichlet.partition(labels, 10, 5, { alpha: 1e9 }, stream()), labels, 10);
  t.ok(even.flat().every((count) => Math.abs(count - 100) <= 1));
  const alone = labelHistogram(dirichlet.partition(labels, 10, 5, { alpha: 1e-6 }, stream(3)), labels, 10);
  for (let label = 0; label < 10; label++) t.ok(Math.max(...alone.map((row) => row[label]!)) >= 495, 'all but what empty shards were given');
});

t.test('Dirichlet proportions have the mean and variance of the distribution', async (t) => {
  const draws = 20_000;
  const length = 4;
  for (const alpha of [0.1, 1, 7]) {
    const source = stream(5);
    let sum = 0;
    let squares = 0;
    for (let draw = 0; draw < draws; draw++) {
      const proportions = drawDirichlet(alpha, length, source);
      if (Math.abs(proportions.reduce((a, b) => a + b) - 1) > 1e-12) t.fail('proportions do not sum to one');
      sum += proportions[0]!;
      squares += proportions[0]! ** 2;
    }
    const mean = sum / draws;
    // Of a Beta(α, (L − 1)α) deviate.
    const variance = (length - 1) / (length ** 2 * (length * alpha + 1));
    t.ok(Math.abs(mean - 1 / length) < 5 * Math.sqrt(variance / draws), `α = ${alpha}: mean ${mean}`);
    t.ok(Math.abs(squares / draws - mean ** 2 - variance) < 0.05 * variance, `α = ${alpha}: variance`);
  }
});

t.test('with label shards each worker has at most k labels, and exactly k when samples abound', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 10 }), fc.integer({ min: 1, max: 40 }), fc.nat(), (k, workers, seed) => {
      const labels = balanced(4000);
      const partition = labelShards.partition(labels, 10, workers, { labels: k }, stream(seed));
      const histogram = labelHistogram(partition, labels, 10);
      const exactlyK = histogram.every((row) => row.filter((count) => count > 0).length === k);
      const owners = Array.from({ length: 10 }, (_, label) => histogram.filter((row) => row[label]! > 0).length);
      const dealtEvenly = Math.max(...owners) - Math.min(...owners) <= 1;
      const complete = partition.indices.length === (workers * k >= 10 ? 4000 : workers * k * 400);
      return exactlyK && dealtEvenly && complete;
    }),
  );
});

t.test('label shards split a label evenly over its owners', async (t) => {
  const labels = balanced(1000);
  const histogram = labelHistogram(labelShards.partition(labels, 10, 15, { labels: 2 }, stream()), labels, 10);
  t.ok(histogram.flat().every((count) => count === 0 || count === 33 || count === 34));
});

t.test('more labels a worker than classes is refused, fewer that occur is not', async (t) => {
  t.throws(() => labelShards.partition(balanced(100), 10, 4, { labels: 11 }, stream()), PartitionError);
  t.match(labelShards.check(100, 10, 4, { labels: 11 }), /labels is 11, but there are 10 classes; give 1 to 10/);
  t.equal(labelShards.check(100, 10, 4, { labels: 10 }), undefined);
  const { indices } = labelShards.partition(new Uint8Array(100), 10, 4, { labels: 3 }, stream());
  t.equal(indices.length, 100);
});

t.test('a label beyond the classes is refused', async (t) => {
  t.throws(() => dirichlet.partition(Uint8Array.of(0, 12, 1), 10, 2, { alpha: 1 }, stream()), /sample 1 has the label 12; there are 10 classes/);
});

t.test('parameters are strict', async (t) => {
  t.notOk(iid.parameters.safeParse({ alpha: 1 }).success);
  for (const alpha of [0, -1, Infinity, Number.NaN, '1', undefined]) t.notOk(dirichlet.parameters.safeParse({ alpha }).success);
  for (const labels of [0, 1.5, '2', undefined]) t.notOk(labelShards.parameters.safeParse({ labels }).success);
});

t.test('the histogram counts each worker’s labels', async (t) => {
  const partition = { indices: Uint32Array.of(4, 0, 1, 3), offsets: Uint32Array.of(0, 1, 4) };
  t.same(labelHistogram(partition, Uint8Array.of(2, 2, 0, 1, 0), 3), [
    [1, 0, 0],
    [0, 1, 2],
  ]);
});
