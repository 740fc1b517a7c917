import fc from 'fast-check';
import t from 'tap';
import { executeHere } from '../../../lib/kernels/execute.js';
import { compileKernels, instantiateKernels } from '../../../lib/kernels/load.js';
import { runInline } from '../../../lib/kernels/task.js';
import { fill } from '../../../lib/kernels/work.js';
import { Arena, ArenaPlan } from '../../../lib/memory/arena.js';
import { addressOf, f32, u8 } from '../../../lib/memory/regions.js';
import { exchangeRequests, RowReader, RowWriter } from '../../../lib/training/asynchronous/exchange.js';
import { placesFor, SharedVersions, VersionFetcher, versionRequests } from '../../../lib/training/asynchronous/shared-versions.js';
import { exchangeRows, UncheckedReader } from './exchanges.js';

t.test('of rows that a thread writes while they are read, none is taken torn, and no version changes while it is read', async (t) => {
  const { taken, torn, tornVersions } = await exchangeRows(RowReader, 20_000);
  t.equal(taken, 20_000);
  t.equal(torn, 0);
  t.equal(tornVersions, 0);
});

t.test('without the look at the sequence number a torn row is taken', async (t) => {
  const { torn, taken } = await exchangeRows(UncheckedReader, 1_000_000, { enough: 1 });
  t.equal(torn, 1, `of ${taken}`);
});

/** Two workers, two threads, a server: all on this thread, one after the other. */
function still() {
  const d = 3;
  const rowStride = 16;
  const plan = new ArenaPlan();
  const exchange = plan.addAll('exchange', exchangeRequests(2));
  const versions = plan.addAll('versions', versionRequests(2, 2));
  const { first, second, places, draft, scratch } = plan.addAll('test', { first: f32(2 * rowStride), second: f32(2 * rowStride), places: f32(placesFor(2, 2) * rowStride), draft: f32(d), scratch: u8(1024) });
  const arena = Arena.allocate(plan.bytes);
  const kernels = instantiateKernels(compileKernels('strict').module, arena.memory);
  const slots = { first, second, rowStride };
  const reader = new RowReader(arena, exchange, slots, 2);
  const server = new SharedVersions(arena, versions, places, rowStride, 2, () => reader.places());
  const writers = [0, 1].map(() => new RowWriter(arena, exchange, slots, d, kernels));
  const fetchers = [0, 1].map((thread) => new VersionFetcher(arena, versions, thread));
  const row = (address: Parameters<Arena['row']>[0]) => Array.from(arena.row(address, d));
  return {
    reader, server, fetchers, row,
    send: (worker: number, value: number, { place = 0, version = 0 } = {}) => {
      arena.view(draft).fill(value);
      return writers[worker]!.send(worker, draft.address, { place, version, gradient: value, finite: true, loss: value });
    },
    step: () => {
      const scratchOf = { kernels, scratch: scratch.address };
      runInline(server.advance(d, (next) => fill(next, d, server.number + 1)), (task) => { executeHere(task, scratchOf); });
    },
    /** What worker 0 says is its newest row. */
    newest: arena.view(exchange.words).subarray(16, 17),
    version: (place: number) => row(addressOf(places, place * rowStride)),
  };
}

t.test('the newest row is taken, once, and stays as it is until the next one is, however much is sent', async (t) => {
  const { reader, send, row } = still();
  t.equal(reader.take(0), undefined);
  send(0, 0);
  send(0, 1);
  t.equal(reader.sent, 2);
  t.ok(reader.hasNew(0));
  t.notOk(reader.hasNew(1));
  const taken = reader.take(0)!;
  t.match(taken, { gradient: 1, loss: 1, finite: true, version: 0, place: 0 });
  t.equal(reader.take(0), undefined, 'nothing newer');
  for (let value = 2; value < 9; value++) t.ok(send(0, value));
  t.same(row(taken.row), [1, 1, 1], 'pinned');
  const newest = reader.take(0)!;
  t.same([newest.gradient, ...row(newest.row)], [8, 8, 8, 8]);
  t.equal(reader.torn, 0);
});

t.test('a row that is taken before its worker says that it is the newest is taken once, and pinned', async (t) => {
  const { reader, send, row, newest } = still();
  send(0, 0);
  reader.take(0);
  send(0, 1);
  const [said] = newest as unknown as [number];
  send(0, 2);
  // The thread was interrupted between the row and the word.
  newest[0] = said;
  const taken = reader.take(0)!;
  t.equal(taken.gradient, 2);
  t.notOk(reader.hasNew(0));
  t.equal(reader.take(0), undefined);
  for (let value = 3; value < 7; value++) t.ok(send(0, value));
  t.same(row(taken.row), [2, 2, 2]);
  t.equal(reader.take(0)!.gradient, 6);
});

t.test('versions that a thread has in hand, or a row in a slot was computed with, are not overwritten, whatever the order of things', async () => {
  fc.assert(
    fc.property(fc.array(fc.record({ who: fc.integer({ min: 0, max: 1 }), what: fc.constantFrom('fetch', 'send', 'take', 'step') }), { maxLength: 60 }), (events) => {
      const { reader, server, fetchers, send, step, version } = still();
      const hands: { place: number; version: number }[] = [];
      const held: { place: number; version: number }[] = [];
      let gradient = 0;
      for (const { who, what } of events) {
        if (what === 'fetch') hands[who] = fetchers[who]!.fetch();
        if (what === 'send' && hands[who] !== undefined) send(who, gradient++, hands[who]);
        if (what === 'take') held[who] = reader.take(who) ?? held[who]!;
        if (what === 'step') step();
        const needed = [...hands, ...held].filter((one) => (one as object | undefined) !== undefined);
        if (!needed.every((one) => version(one.place).every((value) => value === one.version))) return false;
        if (what === 'fetch' && hands[who]!.version !== server.number) return false;
      }
      return true;
    }),
  );
});
