import t from 'tap';
import { batchIndex } from '../../lib/data/batch.js';
import { firstDraw, plantedSamples } from '../../lib/training/poison.js';

t.test('a share of a batch is rounded up, but not because of a float64 that lies a bit above', (t) => {
  const planted = (share: number, batchSize: number): number => plantedSamples({ labels: [], planted: share }, batchSize);
  t.same([[0.07, 100], [0.3, 10], [0.29, 100], [0.501, 10], [1, 13], [0, 13], [1e-9, 13], [0.5, 7]].map(([share, batchSize]) => planted(share!, batchSize!)), [7, 3, 29, 6, 13, 0, 1, 4]);
  t.equal(plantedSamples({ labels: [] }, 10), 0);
  t.end();
});

t.test('where a sample is drawn for the first time from some round on is where going through the rounds finds it', (t) => {
  for (const [length, batchSize] of [[10, 4], [8, 8], [3, 7], [1, 2], [25, 1]] as const) {
    for (const start of [0, 1, 2, 9]) {
      for (let place = 0; place < length; place++) {
        const draws = Array.from({ length: 30 * batchSize }, (_, k) => ({ round: start + Math.floor(k / batchSize), position: k % batchSize }));
        const first = draws.find(({ round, position }) => batchIndex(length, batchSize, round, position) === place);
        t.same(firstDraw(place, length, batchSize, start), first, `place ${place} of ${length}, batches of ${batchSize}, from round ${start}`);
      }
    }
  }
  t.end();
});
