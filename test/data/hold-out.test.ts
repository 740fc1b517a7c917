import fc from 'fast-check';
import t from 'tap';
import { amongAll, checkHoldOut, holdOut } from '../../lib/data/hold-out.js';
import { iid } from '../../lib/data/partitions/iid.js';
import { Stream } from '../../lib/data/random.js';

const sizes = fc.record({ samples: fc.integer({ min: 2, max: 300 }), share: fc.double({ min: 0, max: 0.9, noNaN: true }), seed: fc.nat() })
  .map(({ samples, share, seed }) => ({ samples, count: Math.floor(share * samples), seed }));

t.test('every sample is the server\'s or the workers\', in ascending order, and the seed alone says which', async () => {
  fc.assert(fc.property(sizes, ({ samples, count, seed }) => {
    const { server, workers } = holdOut(samples, count, seed);
    const again = holdOut(samples, count, seed);
    const both = [...server, ...workers].sort((a, b) => a - b);
    const ascending = (list: Uint32Array): boolean => list.every((sample, k) => k === 0 || sample > list[k - 1]!);
    return server.length === count && both.every((sample, k) => sample === k) && both.length === samples && ascending(server) && ascending(workers)
      && server.join() === again.server.join();
  }));
});

t.test('every sample has its turn, and other seeds draw others', async (t) => {
  const drawn = Array.from({ length: 60 }, (_, seed) => holdOut(20, 5, seed).server);
  t.equal(new Set(drawn.flatMap((list) => [...list])).size, 20);
  t.ok(new Set(drawn.map((list) => list.join())).size > 50);
});

t.test('shards have no sample of the server\'s; without any they are what they were', async () => {
  fc.assert(fc.property(sizes, ({ samples, count, seed }) => {
    const heldOut = holdOut(samples, count, seed);
    const left = iid.partition(new Uint8Array(samples - count), 1, 1, {}, new Stream(seed, 'partition'));
    const { indices, offsets } = amongAll(left, heldOut);
    const before = iid.partition(new Uint8Array(samples), 1, 1, {}, new Stream(seed, 'partition'));
    return indices.length === samples - count && offsets.join() === left.offsets.join() && heldOut.server.every((sample) => !indices.includes(sample))
      && (count > 0 || indices.join() === before.indices.join());
  }));
});

t.test('something has to be left for the workers', async (t) => {
  checkHoldOut(10, 9);
  t.throws(() => { checkHoldOut(10, 10); }, { name: 'PartitionError', message: 'server.samples is 10 of 10 training samples: that leaves none for the workers; it must be at most 9' });
});
