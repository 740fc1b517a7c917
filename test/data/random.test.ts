import fc from 'fast-check';
import t from 'tap';
import { Stream, type Purpose } from '../../lib/data/random.js';

const first = (stream: Stream): string => Array.from({ length: 4 }, () => stream.uint32()).join();

t.test('every part of the key makes another stream, and the same key the same one', async (t) => {
  const purposes: Purpose[] = ['partition', 'placement', 'initialisation', 'attack', 'aggregator', 'digits', 'dropout', 'augmentation'];
  const seen = new Set<string>();
  for (const seed of [0, 1, 2, 2 ** 32, 2 ** 32 + 1, Number.MAX_SAFE_INTEGER]) {
    for (const purpose of purposes) {
      for (const worker of [0, 1, 50]) for (const round of [0, 1, 10_000]) seen.add(first(new Stream(seed, purpose, worker, round)));
    }
  }
  t.equal(seen.size, 6 * 8 * 3 * 3);
  t.equal(first(new Stream(7, 'attack', 3, 9)), first(new Stream(7, 'attack', 3, 9)));
});

t.test('uniform and normal deviates have their moments', async (t) => {
  const stream = new Stream(1, 'attack');
  const draws = 200_000;
  let uniform = 0;
  let [sum, squares, fourths] = [0, 0, 0];
  for (let i = 0; i < draws; i++) {
    const u = stream.uniform();
    if (!(u >= 0 && u < 1)) t.fail(`uniform gave ${u}`);
    uniform += u;
    const x = stream.normal();
    sum += x;
    squares += x * x;
    fourths += x ** 4;
  }
  t.ok(Math.abs(uniform / draws - 0.5) < 0.004);
  t.ok(Math.abs(sum / draws) < 0.012);
  t.ok(Math.abs(squares / draws - 1) < 0.02);
  t.ok(Math.abs(fourths / draws - 3) < 0.15);
});

t.test('below draws every number alike, and refuses a bound that has none', async (t) => {
  const stream = new Stream(2, 'attack');
  const counts = new Array<number>(7).fill(0);
  for (let i = 0; i < 70_000; i++) counts[stream.below(7)]! += 1;
  t.ok(counts.every((count) => Math.abs(count - 10_000) < 500), counts.join());
  t.equal(stream.below(1), 0);
  t.ok(stream.below(2 ** 32) < 2 ** 32);
  for (const bound of [0, -1, 1.5, Number.NaN, 2 ** 33]) t.throws(() => stream.below(bound), RangeError);
});

t.test('below is the remainder of the first draw below the greatest multiple of the bound', async () => {
  fc.assert(
    fc.property(fc.oneof(fc.integer({ min: 1, max: 2 ** 32 }), fc.integer({ min: 2 ** 31, max: 2 ** 32 })), fc.nat(), (bound, seed) => {
      const [stream, raw] = [new Stream(seed, 'attack'), new Stream(seed, 'attack')];
      const multiple = Math.floor(2 ** 32 / bound) * bound;
      for (let i = 0; i < 20; i++) {
        let draw = raw.uint32();
        while (draw >= multiple) draw = raw.uint32();
        if (stream.below(bound) !== draw % bound) return false;
      }
      return true;
    }),
  );
});

t.test('a shuffle keeps the items and makes every order alike', async (t) => {
  const stream = new Stream(3, 'partition');
  const orders = new Map<string, number>();
  for (let i = 0; i < 24_000; i++) {
    const order = stream.shuffle([0, 1, 2, 3]).join('');
    orders.set(order, (orders.get(order) ?? 0) + 1);
  }
  t.equal(orders.size, 24);
  t.ok([...orders.values()].every((count) => Math.abs(count - 1000) < 160));
});
