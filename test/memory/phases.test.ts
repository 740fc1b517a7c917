import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Piscina } from 'piscina';
import t, { type Test } from 'tap';
import { Arena, ArenaPlan } from '../../lib/memory/arena.js';
import { MAXIMUM_ARGUMENTS, PhaseFollower, PhaseLeader, planControl } from '../../lib/memory/phases.js';
import { f64, i32 } from '../../lib/memory/regions.js';
import type { FollowerTask } from './follower.js';

const MOST_CHUNKS = 1000;
/** In place of a thread's number. */
const LEADER = -1;

/** A leader and real threads that follow it; `spin` in milliseconds. `absent`: one that is counted and isn't there. */
function crew(t: Test, threads: number, spin = 0, absent?: number) {
  const plan = new ArenaPlan();
  const control = planControl(plan, threads);
  const regions = plan.addAll('test', { started: i32(1), done: i32(MOST_CHUNKS), by: i32(MOST_CHUNKS), seen: f64(3 * MOST_CHUNKS) });
  const arena = Arena.allocate(plan.bytes);
  const leader = new PhaseLeader(arena, control, threads);
  const pool = new Piscina({
    filename: fileURLToPath(new URL('follower.js', import.meta.url)),
    minThreads: threads,
    maxThreads: threads,
    concurrentTasksPerWorker: 1,
  });
  t.teardown(() => pool.destroy());
  const tasks = Array.from({ length: threads }, (_, thread) => thread).filter((thread) => thread !== absent).map((thread): Promise<number> => {
    const task: FollowerTask = { thread, threads, spin, memory: arena.memory, control, ...regions };
    return pool.run(task) as Promise<number>;
  });
  /** What the main thread does in a phase that is not hosted. */
  const takePart = (chunks: number): number => {
    let own = 0;
    for (let chunk = leader.claim(); chunk < chunks; chunk = leader.claim()) {
      Atomics.add(arena.view(regions.done), chunk, 1);
      own += 1;
    }
    return own;
  };
  /** Resolves when all have begun to follow, and have had the time to fall asleep. */
  const asleep = async (): Promise<void> => {
    while (Atomics.load(arena.view(regions.started), 0) < tasks.length) await setTimeout(1);
    await setTimeout(50);
  };
  return { leader, tasks, takePart, asleep, done: arena.view(regions.done), by: arena.view(regions.by), seen: arena.view(regions.seen) };
}

for (const [threads, spin] of [[1, 0], [2, 0], [2, 0.2], [5, 0], [5, 0.01]] as const) {
  t.test(`${threads} threads that spin for ${spin} ms do each chunk exactly once, hosted or claimed, for fewer and for more chunks than threads`, async (t) => {
    const { leader, tasks, takePart, done, by, seen } = crew(t, threads, spin);
    const sizes = [0, 1, 3, threads, 97, MOST_CHUNKS];
    let own = 0;
    for (const hosted of [true, false]) {
      for (const [round, chunks] of sizes.entries()) {
        done.fill(0);
        by.fill(LEADER);
        leader.start({ opcode: 3, arguments: [round + 0.5], chunks, hosted, round });
        if (!hosted) own += takePart(chunks);
        await leader.complete(0, spin);
        t.ok(done.every((count, chunk) => count === (chunk < chunks ? 1 : 0)), `${chunks} ${hosted ? 'hosted' : 'claimed'} chunks`);
        const sawIt = (chunk: number): boolean => seen[3 * chunk] === 3 && seen[3 * chunk + 1] === round && seen[3 * chunk + 2] === round + 0.5;
        t.ok(done.subarray(0, chunks).every((_, chunk) => by[chunk] === LEADER || sawIt(chunk)), 'each saw this message');
        t.equal(by.subarray(0, chunks).includes(0), hosted && chunks > 0, 'thread 0 takes part where the leader does not');
        if (hosted) t.ok(by.subarray(0, Math.min(chunks, threads)).every((thread, chunk) => thread === chunk), 'each thread began with its own');
      }
    }
    leader.end();
    const shares = await Promise.all(tasks);
    t.equal(own + shares.reduce((sum, share) => sum + share, 0), 2 * sizes.reduce((sum, size) => sum + size, 0));
  });
}

t.test('of claimed chunks a slow thread gets fewer', async (t) => {
  const { leader, tasks, by } = crew(t, 3);
  leader.start({ opcode: 1, arguments: [], chunks: 3, hosted: true, round: 0 });
  await leader.complete(); // now all threads are up
  leader.start({ opcode: 9, arguments: [], chunks: 20, hosted: false, round: 0 });
  await leader.complete();
  leader.end();
  await Promise.all(tasks);
  t.equal(by.subarray(0, 20).filter((thread) => thread === by[0]).length, 1, 'the thread that slept on chunk 0 did that one only');
});

// About as long as a phase takes, so that some threads are found awake and some asleep.
for (const spin of [0, 0.01]) t.test(`two thousand phases one after another lose no wake-up, after ${spin} ms of spinning`, { timeout: 60_000 }, async (t) => {
  const { leader, tasks, done } = crew(t, 3, spin);
  const phases = 2000;
  for (let phase = 0; phase < phases; phase++) {
    leader.start({ opcode: 0, arguments: [phase], chunks: 3, hosted: phase % 2 === 0, round: phase });
    await leader.complete(0, spin);
  }
  leader.end();
  await Promise.all(tasks);
  t.same(Array.from(done.subarray(0, 3)), [phases, phases, phases]);
});

t.test('the end wakes sleepers, before the first phase and after one', async (t) => {
  const early = crew(t, 2);
  early.leader.end();
  t.same(await Promise.all(early.tasks), [0, 0]);

  const late = crew(t, 2);
  late.leader.start({ opcode: 0, arguments: [], chunks: 2, hosted: true, round: 0 });
  await late.leader.complete();
  await setTimeout(50); // by then they sleep
  late.leader.end();
  t.same(await Promise.all(late.tasks), [1, 1]);
});

t.test('activity tells who has arrived, on which chunk a thread is, and counts chunks as heartbeats', async (t) => {
  const plan = new ArenaPlan();
  const control = planControl(plan, 2);
  const arena = Arena.allocate(plan.bytes);
  const leader = new PhaseLeader(arena, control, 2);
  t.same(leader.activity(1), { arrived: true, chunk: undefined, heartbeat: 0 }, 'nothing asked, nothing due');

  // The follower runs on this thread, so what it does is seen from within; the leader ends the run in the last chunk.
  leader.start({ opcode: 0, arguments: [], chunks: 6, hosted: true, round: 7 });
  const seen: unknown[] = [];
  new PhaseFollower(arena, control, 1, 2).follow(() => () => {
    seen.push(leader.activity(1));
    if (seen.length === 3) leader.end();
  });
  t.same(seen, [
    { arrived: false, chunk: 1, heartbeat: 0 },
    { arrived: false, chunk: 2, heartbeat: 1 },
    { arrived: false, chunk: 3, heartbeat: 2 },
    { arrived: false, chunk: 4, heartbeat: 3 },
    { arrived: false, chunk: 5, heartbeat: 4 },
  ]);
  t.equal(leader.activity(0).heartbeat, 0, 'the other thread has done nothing');
  t.equal(leader.activity(0).arrived, false);
});

t.test('a thread is asked after its children in the tree, so that it finds them asked when it wakes them', async (t) => {
  const threads = 9;
  const add = Atomics.add.bind(Atomics);
  for (const hosted of [true, false]) {
    const plan = new ArenaPlan();
    const control = planControl(plan, threads);
    const leader = new PhaseLeader(Arena.allocate(plan.bytes), control, threads);
    const asked: number[] = [];
    const adding = t.capture(Atomics, 'add', (words: Int32Array, index: number, value: number) => {
      const before = add(words, index, value);
      // Nobody is there to arrive, so whoever hasn't has been asked.
      for (let thread = 0; thread < threads; thread++) if (!leader.activity(thread).arrived && !asked.includes(thread)) asked.push(thread);
      return before;
    });
    leader.start({ opcode: 0, arguments: [], chunks: threads, hosted, round: 0 });
    adding.restore();
    t.equal(asked.length, hosted ? threads : threads - 1);
    for (const thread of asked) {
      const late = [2 * thread + 1, 2 * thread + 2].filter((child) => child < threads && asked.indexOf(child) > asked.indexOf(thread));
      t.same(late, [], `the children of ${thread}`);
    }
  }
});

t.test('a leader that takes over control words leaves nothing of the run before', async (t) => {
  const plan = new ArenaPlan();
  const control = planControl(plan, 1);
  const arena = Arena.allocate(plan.bytes);
  const first = new PhaseLeader(arena, control, 1);
  first.start({ opcode: 0, arguments: [], chunks: 1, hosted: true, round: 0 });
  first.end();
  new PhaseLeader(arena, control, 1).start({ opcode: 5, arguments: [], chunks: 1, hosted: true, round: 0 });
  const opcodes: number[] = [];
  const again = new PhaseFollower(arena, control, 0, 1);
  again.follow(({ opcode }) => () => {
    opcodes.push(opcode);
    first.end();
  });
  t.same(opcodes, [5]);
});

t.test('chunks without an end go on, giving signs of life, until the leader cuts the phase', async (t) => {
  const { leader, tasks, done } = crew(t, 2);
  leader.start({ opcode: 8, arguments: [], chunks: 2, hosted: true, round: 0 });
  const before = [0, 1].map((thread) => leader.activity(thread).heartbeat);
  while ([0, 1].some((thread) => leader.activity(thread).heartbeat < before[thread]! + 100)) await setTimeout(1);
  t.ok([0, 1].every((thread) => !leader.activity(thread).arrived));
  leader.cut();
  await leader.complete();
  t.same(Array.from(done.subarray(0, 2)), [1, 1]);
  leader.start({ opcode: 0, arguments: [], chunks: 2, hosted: true, round: 1 });
  await leader.complete();
  t.same(Array.from(done.subarray(0, 2)), [2, 2], 'the next phase is whole');
  leader.start({ opcode: 8, arguments: [], chunks: 2, hosted: true, round: 2 });
  leader.end();
  await Promise.all(tasks);
});

t.test('a thread that is lost is waited for no longer, in this phase and in those to come, and the others do its chunks', async (t) => {
  const { leader, tasks, done, takePart } = crew(t, 4);
  leader.start({ opcode: 7, arguments: [], chunks: 4, hosted: true, round: 0 });
  const complete = leader.complete();
  await t.rejects(tasks[1]!, { message: 'lost' });
  leader.lose(1);
  leader.lose(1);
  await complete;
  t.same(Array.from(done.subarray(0, 4)), [1, 0, 1, 1]);
  t.ok(leader.activity(1).arrived);
  for (const hosted of [true, false, true]) {
    done.fill(0);
    leader.start({ opcode: 0, arguments: [], chunks: 9, hosted, round: 1 });
    if (!hosted) takePart(9);
    await leader.complete(5);
    t.same(Array.from(done.subarray(0, 9)), new Array(9).fill(1));
  }
  leader.end();
  await Promise.allSettled(tasks);
});

for (const lost of [0, 1, 2]) t.test(`thread ${lost} may be lost after it was asked and before it has woken its children in the tree`, async (t) => {
  const { leader, tasks, asleep, done } = crew(t, 7, 0, lost);
  await asleep();
  leader.start({ opcode: 0, arguments: [], chunks: 7, hosted: true, round: 0 });
  await setTimeout(50);
  leader.lose(lost);
  t.equal(await Promise.race([leader.complete().then(() => 'complete'), setTimeout(5000, 'asleep')]), 'complete');
  t.same(Array.from(done.subarray(0, 7)), [0, 1, 2, 3, 4, 5, 6].map((thread) => Number(thread !== lost)));
  leader.end();
  await Promise.all(tasks);
});

t.test('a phase carries as many arguments as there is room for, and no more', async (t) => {
  const plan = new ArenaPlan();
  const control = planControl(plan, 1);
  const leader = new PhaseLeader(Arena.allocate(plan.bytes), control, 1);
  const message = (count: number) => ({ opcode: 0, arguments: new Array<number>(count).fill(1), chunks: 0, hosted: false, round: 0 });
  t.doesNotThrow(() => { leader.start(message(MAXIMUM_ARGUMENTS)); });
  t.throws(() => { leader.start(message(MAXIMUM_ARGUMENTS + 1)); }, { message: /at most 16 arguments, not 17/ });
});
