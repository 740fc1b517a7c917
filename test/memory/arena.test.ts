import fc from 'fast-check';
import t from 'tap';
import { Arena, ARENA_LIMIT_BYTES, ArenaLimitError, ArenaPlan, formatBytes, SCRATCH } from '../../lib/memory/arena.js';
import { addressOf, BYTES_PER_ELEMENT, f32, f64, i32, u32, u8, type ElementType } from '../../lib/memory/regions.js';

const MAKERS = { u8, u32, i32, f32, f64 };
const types = fc.constantFrom<ElementType>('u8', 'u32', 'i32', 'f32', 'f64');
const requests = fc.array(fc.record({ type: types, length: fc.integer({ min: 0, max: 3000 }) }), { minLength: 1, maxLength: 20 });

t.test('regions are aligned to cache lines, apart from one another, behind the compiler’s page, and within the plan', async () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const plan = new ArenaPlan();
      asked.forEach(({ type, length }, index) => plan.add(`region ${index}`, MAKERS[type](length)));
      let end = 65_536;
      for (const region of plan.regions) {
        if (region.address % 64 !== 0 || region.address < end) return false;
        end = region.address + region.length * BYTES_PER_ELEMENT[region.type];
      }
      return plan.bytes >= end && plan.bytes < end + 64;
    }),
  );
});

t.test('what is written to one region stays out of all others', async () => {
  fc.assert(
    fc.property(requests, (asked) => {
      const plan = new ArenaPlan();
      const regions = asked.map(({ type, length }, index) => plan.add(`region ${index}`, MAKERS[type](length)));
      const arena = Arena.allocate(plan.bytes);
      regions.forEach((region, index) => arena.view(region).fill(index + 1));
      return regions.every((region, index) => {
        const view = arena.view(region);
        return view.length === region.length && view.every((value) => value === index + 1);
      });
    }),
    { numRuns: 30 },
  );
});

t.test('views have the element type that was asked for', async (t) => {
  const plan = new ArenaPlan();
  const regions = [plan.add('a', u8(3)), plan.add('b', u32(3)), plan.add('c', i32(3)), plan.add('d', f32(3)), plan.add('e', f64(3))];
  const arena = Arena.allocate(plan.bytes);
  const kinds = [Uint8Array, Uint32Array, Int32Array, Float32Array, Float64Array];
  regions.forEach((region, index) => {
    const view = arena.view(region);
    t.ok(view instanceof kinds[index]!, region.type);
    t.equal(view.buffer, arena.buffer, 'a view on the memory, no copy');
  });
});

t.test('an element’s address is where its view has it', async (t) => {
  const plan = new ArenaPlan();
  plan.add('before', u8(5));
  const region = plan.add('rows', f32(10));
  const arena = Arena.allocate(plan.bytes);
  arena.view(region)[7] = 42;
  t.equal(arena.row(addressOf(region, 7), 1)[0], 42);
});

t.test('a plan may go on behind another one’s regions', async (t) => {
  const first = new ArenaPlan();
  first.add('data', u8(100_001));
  const second = new ArenaPlan(first);
  const region = second.add('run', f32(1));
  t.ok(region.address >= first.bytes);
  t.ok(second.bytes > first.bytes);
  t.same(second.regions.map(({ name }) => name), ['data', 'run']);
  second.add('too much', f32(2 ** 32));
  t.throws(() => { second.check(); }, { name: 'ArenaLimitError', message: /largest: too much 16.0 GiB, data 97.7 KiB, run 4 bytes/ });
});

t.test('an owner’s regions carry its name', async (t) => {
  const plan = new ArenaPlan();
  const regions = plan.addAll('krum', { distances: f64(9), chosen: u32(3) });
  t.equal(regions.distances.name, 'krum/distances');
  t.equal(regions.chosen.type, 'u32');
  t.same(plan.regions.map(({ name }) => name), ['krum/distances', 'krum/chosen']);
});

t.test('a length that is no whole number from 0 is refused and named', async (t) => {
  for (const length of [-1, 1.5, NaN, Infinity, -(2 ** 53)]) {
    const plan = new ArenaPlan();
    t.throws(() => plan.add('rows', f32(length)), { name: 'RangeError', message: new RegExp(`"rows".*${length}`) }, String(length));
    t.same(plan.regions, [], 'and nothing is planned');
  }
});

t.test('a name is planned once', async (t) => {
  const plan = new ArenaPlan();
  plan.add('rows', f32(1));
  t.throws(() => plan.add('rows', f32(1)), { name: 'RangeError', message: /"rows".*twice/ });
});

t.test('a plan above 4 GiB is refused with the figure and the largest regions, one of exactly 4 GiB is not', async (t) => {
  const exact = new ArenaPlan();
  exact.add('everything', u8(ARENA_LIMIT_BYTES - 65_536));
  t.doesNotThrow(() => { exact.check(); });
  exact.add('one more', u8(1));
  t.throws(() => { exact.check(); }, ArenaLimitError);

  const plan = new ArenaPlan();
  plan.add('small', f32(1));
  plan.add('rows', f32(1.5 * 2 ** 30));
  plan.add('images', u8(2 ** 30));
  t.throws(() => { plan.check(); }, { name: 'ArenaLimitError', message: /7\.0 GiB.*4\.0 GiB.*rows 6\.0 GiB, images 1\.0 GiB/ });
});

t.test('a length beyond what a double holds exactly is refused as every other that is too great: with the figure', async (t) => {
  for (const length of [2 ** 53, 10_244_098_442_469_440, 2 ** 80]) {
    const plan = new ArenaPlan();
    plan.add('small', f32(1));
    plan.add(`${SCRATCH}0/network`, u8(length));
    t.throws(() => { plan.check(); }, { name: 'ArenaLimitError', message: `${SCRATCH}0/network ${formatBytes(length)}` }, String(length));
  }
});

t.test('the refusal says what helps: where a thread’s scratch is the largest, a smaller batch or fewer threads', async (t) => {
  const plan = new ArenaPlan();
  plan.add('run/gradientMatrix', f32(2 ** 20));
  plan.add(`${SCRATCH}0/network`, u8(2 ** 32));
  t.throws(() => { plan.check(); }, { message: /use a smaller batchSize, fewer threads/ });

  const rows = new ArenaPlan();
  rows.add(`${SCRATCH}0/network`, u8(2 ** 20));
  rows.add('run/gradientMatrix', f32(2 ** 31));
  t.throws(() => { rows.check(); }, { message: /use fewer workers/ });
});

t.test('memory that is allocated is zero, shared and of fixed length', async (t) => {
  const arena = Arena.allocate(200_000);
  t.ok(arena.buffer instanceof SharedArrayBuffer);
  t.ok(arena.buffer.byteLength >= 200_000);
  t.ok(new Uint8Array(arena.buffer).every((byte) => byte === 0));
});

t.test('bytes are written in the unit in which they are easiest to read', async (t) => {
  t.equal(formatBytes(0), '0 bytes');
  t.equal(formatBytes(1023), '1023 bytes');
  t.equal(formatBytes(1024), '1.0 KiB');
  t.equal(formatBytes(1_234_567), '1.2 MiB');
  t.equal(formatBytes(2 ** 42), '4.0 TiB');
  t.equal(formatBytes(2 ** 52), '4096.0 TiB');
});
