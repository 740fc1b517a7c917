import t from 'tap';
import { curve } from '../../lib/report/curve.js';
import { KeptRounds, removalsOf } from '../../lib/report/kept-rounds.js';
import type { RoundRecord } from '../../lib/run/records.js';
import { sketchReport } from './fixture.js';

function recordsOf(rounds: number): readonly RoundRecord[] {
  return sketchReport({ rounds }).runs[1]!.records;
}

function keep(records: readonly RoundRecord[], rounds = records.length): KeptRounds['kept'] {
  const kept = new KeptRounds(rounds);
  for (const record of records) kept.add(record);
  return kept.kept;
}

t.test('up to 600 rounds are kept as they are, without the rows’ weights', async (t) => {
  const records = recordsOf(600);
  const { records: kept, rounds } = keep(records.map((record) => ({ ...record, weights: [0.5, 0.5] })));
  t.same(kept, records);
  t.equal(rounds, 600);
});

t.test('of more rounds no more than 600 records are kept, and curves stay where they were', async (t) => {
  for (const rounds of [601, 5000]) {
    const records = recordsOf(rounds);
    const { records: kept, rounds: recorded } = keep(records);
    t.ok(kept.length <= 600, `${kept.length} records`);
    t.equal(recorded, rounds);
    t.equal(kept.at(-1)!.round, rounds - 1);
    for (const quantity of ['accuracy', 'distance', 'cosine', 'byzantineWeight'] as const) {
      const [whole, thinned] = [records, kept].map((of) => curve([{ label: '', varied: {}, records: of }], (record) => record[quantity], 20));
      t.equal(thinned!.length, whole!.length);
      const furthest = Math.max(...whole!.map(({ mean }, point) => Math.abs(mean - thinned![point]!.mean)));
      t.ok(furthest < 0.05, `${quantity} differs by ${furthest}`);
    }
  }
});

t.test('runs that ended early have the same stretches as those that did not', async (t) => {
  const records = recordsOf(3000);
  const whole = keep(records).records.map(({ round }) => round);
  const early = keep(records.slice(0, 1502), 3000).records.map(({ round }) => round);
  t.same(early.slice(0, -1), whole.slice(0, early.length - 1));
  t.equal(early.at(-1), 1501);
});

t.test('removals are told exactly, and values that are not finite leave the means alone', async (t) => {
  const records = recordsOf(1500).map((record) => (record.round % 100 === 7 ? { ...record, removed: [3, record.round % 200 === 7 ? 1 : 2], distance: NaN } : record));
  const { records: kept, removals } = keep(records);
  t.same(removals, { rounds: 15, first: 7, last: 1407, workers: [1, 2, 3] });
  t.same(removals, removalsOf(records));
  t.ok(kept.every(({ distance }) => Number.isFinite(distance)));
  t.equal(keep(recordsOf(3)).removals, undefined);
});

t.test('the updates of HOGWILD! stay with an epoch, and are means in a stretch', async (t) => {
  const records = recordsOf(1200).map((record) => ({ ...record, updates: { count: 10, perSecond: record.round % 2 === 0 ? 100 : 300 } }));
  t.same(keep(records.slice(0, 3)).records, records.slice(0, 3));
  for (const { updates } of keep(records).records) t.same(updates, { count: 10, perSecond: 200 });
});
