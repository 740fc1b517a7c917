import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { compileKernels, instantiateKernels } from '../../lib/kernels/load.js';
import { columnScratch } from '../../lib/kernels/sizes.js';
import { PAUSE, type Task, type Work } from '../../lib/kernels/task.js';
import { ARENA_LIMIT_BYTES, Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { planControl } from '../../lib/memory/phases.js';
import { type Address, f32, u8 } from '../../lib/memory/regions.js';
import { ThreadError } from '../../lib/training/thread-error.js';
import { ThreadPool } from '../../lib/training/thread-pool.js';

const THREADS = 2;
const LENGTH = 50_000;

/** A pool that only aggregates, and one region that its work may write. */
function aggregating(t: Test) {
  const plan = new ArenaPlan();
  const control = planControl(plan, THREADS);
  const values = plan.add('values', f32(LENGTH));
  const scratch = Array.from({ length: THREADS + 1 }, (_, thread) => plan.add(`scratch ${thread}`, u8(columnScratch(1))).address);
  const arena = Arena.allocate(plan.bytes);
  const compiled = compileKernels('auto');
  const pool = new ThreadPool(THREADS);
  t.teardown(() => pool.close());
  const memory = { arena, kernels: compiled, control, scratch: scratch.map((columns) => ({ columns, network: columns })), setup: undefined };
  const run = pool.join(memory, { kernels: instantiateKernels(compiled.module, arena.memory), scratch: scratch[THREADS]! });
  return { run, address: values.address, values: arena.view(values) };
}

const filling = (output: number, value: number, cost: number): Task => ({ operation: 'fill', arguments: { d: LENGTH, output: output as Address, value }, chunks: Math.ceil(LENGTH / 4096), cost });

t.test('a task is done whole, over the threads or here', async (t) => {
  const { run, address, values } = aggregating(t);
  for (const [cost, value] of [[0, 1], [Infinity, 2], [Infinity, 3], [0, 4]] as const) {
    await run.perform((function* (): Work { yield filling(address, value, cost); })());
    t.ok(values.every((element) => element === value));
  }
  await run.end();
});

t.test('a chunk that throws on the main thread ends the run with an error that says so, and no further work is taken', async (t) => {
  for (const cost of [0, Infinity]) {
    const { run, address } = aggregating(t);
    run.enter('aggregate', 7);
    // Beyond the memory: a kernel that writes there throws. In the threads it may be the first to be seen.
    await t.rejects(run.perform((function* (): Work { yield filling(ARENA_LIMIT_BYTES - 4 * LENGTH, 0, cost); })()), { name: 'ThreadError', message: /^(the main thread|thread 1) failed: .*\(round 7, phase aggregate\)$/ });
    await t.rejects(run.perform((function* (): Work { yield filling(address, 0, Infinity); })()), ThreadError);
    await t.rejects(run.end(), ThreadError, 'who ends the run hears of it');
  }
});

t.test('a pool that is closed while its threads start ends them, and nothing else', async (t) => {
  // Node aborts the process when a thread is ended within `require` of an ES module: without threads/entry.cts about one closing in 80 did that.
  for (let closing = 0; closing < 60; closing++) {
    const pool = new ThreadPool(4);
    await setTimeout(30 + 1.5 * closing);
    await t.resolves(pool.close());
  }
});

t.test('between the pauses of long work the event loop turns', async (t) => {
  const { run } = aggregating(t);
  let turns = 0;
  let counting = true;
  const count = (): void => {
    turns += 1;
    if (counting) setImmediate(count);
  };
  setImmediate(count);
  await run.perform((function* (): Work {
    for (let step = 0; step < 10; step++) {
      const until = performance.now() + 10;
      while (performance.now() < until);
      yield PAUSE;
    }
  })());
  counting = false;
  t.ok(turns >= 10, `${turns} turns in ten steps`);
  await run.end();
});
