import fc from 'fast-check';
import t from 'tap';
import { batchIndex } from '../../lib/data/batch.js';

t.test('a worker cycles through its shard: each sample once before any comes again', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 50 }), fc.integer({ min: 1, max: 60 }), fc.integer({ min: 1, max: 30 }), (length, batch, rounds) => {
      const drawn: number[] = [];
      for (let round = 0; round < rounds; round++) for (let k = 0; k < batch; k++) drawn.push(batchIndex(length, batch, round, k));
      return drawn.every((sample, i) => sample === i % length);
    }),
  );
});

t.test('rounds far beyond 32 bits stay exact', async (t) => {
  t.equal(batchIndex(1176, 128, 2 ** 40, 5), Number((2n ** 40n * 128n + 5n) % 1176n));
});
