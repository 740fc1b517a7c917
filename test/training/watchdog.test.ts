import { setTimeout } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { type Signs, Watchdog } from '../../lib/training/watchdog.js';

/** Looks four times in these seconds, and never by itself in a test that doesn't let its timer fire. */
const STALL_TIMEOUT = 3;
const LOOKS = 4;

interface Thread extends Signs {
  arrived: boolean;
  heartbeat: number;
}

/** A watchdog over threads that have work and do what the test says. */
function watched(t: Test, threads: Thread[]) {
  const watchdog = new Watchdog(threads.length, STALL_TIMEOUT);
  t.teardown(() => { watchdog.stop(); });
  const stalled: number[] = [];
  const watch = (): void => { watchdog.watch((thread) => threads[thread]!, (thread) => { stalled.push(thread); }); };
  const look = (times: number): void => { for (let k = 0; k < times; k++) watchdog.look(); };
  watch();
  return { watchdog, stalled, watch, look };
}

t.test('a thread stalls when so many looks in a row as make up the stall timeout saw no sign of it, and that is told once', async (t) => {
  const { stalled, look } = watched(t, [{ arrived: true, heartbeat: 0 }, { arrived: false, heartbeat: 7 }]);
  look(LOOKS);
  t.same(stalled, []);
  look(1);
  t.same(stalled, [1]);
  look(3 * LOOKS);
  t.same(stalled, [1]);
});

t.test('a sign, an arrival or another phase begins the count anew', async (t) => {
  const thread = { arrived: false, heartbeat: 0 };
  const { stalled, watch, look } = watched(t, [thread]);
  const renewals = [
    () => { thread.heartbeat += 1; look(1); },
    () => { thread.arrived = true; look(2 * LOOKS); thread.arrived = false; },
    () => { watch(); look(1); },
  ];
  look(1);
  for (const renew of renewals) {
    look(LOOKS - 1);
    renew();
    look(LOOKS - 1);
    t.same(stalled, []);
    thread.heartbeat += 1;
    look(1);
  }
});

t.test('nobody stalls who has no work', async (t) => {
  const { watchdog, stalled, watch, look } = watched(t, [{ arrived: false, heartbeat: 0 }]);
  look(LOOKS);
  watchdog.rest();
  look(3 * LOOKS);
  watch();
  look(LOOKS);
  t.same(stalled, [], 'and the looks before are none of the next work’s');
});

t.test('a look that comes late counts once: the process was stopped, and the threads with it', async (t) => {
  const { stalled, look } = watched(t, [{ arrived: false, heartbeat: 0 }]);
  look(LOOKS - 1);
  // The event loop stands still for longer than the stall timeout, as when the process is stopped; the timer is due then, and fires first.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1000 * (STALL_TIMEOUT + 0.5));
  await setTimeout(0);
  t.same(stalled, []);
});

t.test('it looks by itself until it is stopped', async (t) => {
  const watchdog = new Watchdog(1, 0.04);
  t.teardown(() => { watchdog.stop(); });
  const waited = performance.now();
  await new Promise<void>((resolve) => { watchdog.watch(() => ({ arrived: false, heartbeat: 0 }), () => { resolve(); }); });
  t.ok(performance.now() - waited >= 40, 'for the stall timeout at least');
  let looks = 0;
  watchdog.watch(() => ({ arrived: false, heartbeat: looks++ }), () => undefined);
  await setTimeout(100);
  watchdog.stop();
  const before = looks;
  t.ok(before > 0);
  await setTimeout(100);
  t.equal(looks, before);
});
