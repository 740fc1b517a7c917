/**
 * Who may write when, and how stale what an update read was when it wrote. Waiting is done here and nowhere else: a waiter spins, then
 * sleeps a little at a time, and gives up when the run ends, so a thread that died with a lock keeps nobody.
 */
import { baseOf, endedOf, GATHERED, hotOf, lockOf, locksOf, parametersOf, progressOf, replicaOf, statisticsOf, strideOf, threadOf, threadsOf, windowOf } from './job';

/** Looks before a waiter sleeps: some 10 µs, in which a holder that runs has long been done. */
const SPINS: u32 = 2000;
/** Nanoseconds: the holder may have lost its core to the waiter. */
const NAP: i64 = 20_000;

/** Nanoseconds until one who waits for a turn looks whether the run has ended. */
const LONGEST_SLEEP: i64 = 50_000_000;

/** Every so many updates the others' are counted between its reading and its writing: often enough to tell, seldom enough to cost nothing. */
const MEASURED: u32 = 64;

const LINE: u32 = 6;

/** False when the run ended before the lock was free. */
export function acquire(lock: usize, ended: usize): bool {
  let looks: u32 = 0;
  while (atomic.load<i32>(lock) != 0 || atomic.cmpxchg<i32>(lock, 0, 1) != 0) {
    if (++looks % SPINS != 0) continue;
    if (atomic.load<i32>(ended) != 0) return false;
    atomic.wait<i32>(lock, 1, NAP);
  }
  return true;
}

// @ts-ignore: decorator
@inline
export function release(lock: usize): void {
  atomic.store<i32>(lock, 0);
}

/** False when the run ended before the turn came. Turns are numbered by the position of the edge. */
export function awaitTurn(turn: usize, mine: u32, ended: usize): bool {
  let looks: u32 = 0;
  for (let now = atomic.load<i32>(turn); now != <i32>mine; now = atomic.load<i32>(turn)) {
    if (++looks % SPINS != 0) continue;
    if (atomic.load<i32>(ended) != 0) return false;
    // The word behind the turn counts sleepers. Added to before the wait looks at the turn, and read after the turn is passed: none sleeps on.
    atomic.add<i32>(turn, 1, 4);
    atomic.wait<i32>(turn, now, LONGEST_SLEEP);
    atomic.sub<i32>(turn, 1, 4);
  }
  return true;
}

// @ts-ignore: decorator
@inline
export function passTurn(turn: usize, mine: u32): void {
  atomic.store<i32>(turn, <i32>mine + 1);
  if (atomic.load<i32>(turn, 4) != 0) atomic.notify(turn);
}

/** Locks of vertices begin … end − 1 of a list in ascending order: no two threads can wait for each other. On false none is held. */
export function acquireAll(job: usize, begin: usize, end: usize): bool {
  const locks = locksOf(job);
  const ended = endedOf(job);
  for (let at = begin; at < end; at += 4) {
    if (!acquire(locks + (<usize>load<u32>(at) << 2), ended)) {
      releaseAll(job, begin, at);
      return false;
    }
  }
  return true;
}

export function releaseAll(job: usize, begin: usize, end: usize): void {
  const locks = locksOf(job);
  for (let at = begin; at < end; at += 4) release(locks + (<usize>load<u32>(at) << 2));
}

/**
 * Adds what the replica gained since the last exchange to the shared parameters, and makes it equal to them. Under the one lock, because two
 * threads that exchange at once would lose all that one of them has gathered. False when the run ended before.
 */
export function exchange(job: usize): bool {
  const bytes = <usize>(hotOf(job) * strideOf(job)) << 2;
  if (bytes == 0) return true;
  const shared = parametersOf(job);
  const replica = replicaOf(job);
  const base = baseOf(job);
  const lock = lockOf(job);
  if (!acquire(lock, endedOf(job))) return false;
  let at: usize = 0;
  for (; at + 16 <= bytes; at += 16) {
    const gained = f32x4.sub(v128.load(replica + at), v128.load(base + at));
    const x = f32x4.add(v128.load(shared + at), gained);
    v128.store(shared + at, x);
    v128.store(replica + at, x);
    v128.store(base + at, x);
  }
  for (; at < bytes; at += 4) {
    const x = load<f32>(shared + at) + (load<f32>(replica + at) - load<f32>(base + at));
    store<f32>(shared + at, x);
    store<f32>(replica + at, x);
    store<f32>(base + at, x);
  }
  release(lock);
  return true;
}

/** Is the staleness of this thread's next update to be measured? Where updates are gathered, of the window's first one. */
// @ts-ignore: decorator
@inline
export function isMeasured(job: usize, discipline: u32, done: u32): bool {
  return threadsOf(job) > 1 && (discipline == GATHERED ? done % windowOf(job) == 0 : done % MEASURED == 0);
}

/** Updates that the other threads have made. */
export function progressOfOthers(job: usize): u32 {
  const progress = progressOf(job);
  const own = threadOf(job);
  const threads = threadsOf(job);
  let sum: u32 = 0;
  for (let thread: u32 = 0; thread < threads; thread++) {
    if (thread != own) sum += load<u32>(progress + (<usize>thread << LINE));
  }
  return sum;
}

// @ts-ignore: decorator
@inline
export function countProgress(job: usize): void {
  const own = progressOf(job) + (<usize>threadOf(job) << LINE);
  store<u32>(own, load<u32>(own) + 1);
}

/** Adds one measured staleness to the thread's statistics; a thread that is alone has none. */
export function noteStaleness(job: usize, staleness: u32): void {
  if (threadsOf(job) == 1) return;
  const statistics = statisticsOf(job);
  store<f64>(statistics, load<f64>(statistics, 16) + 1, 16);
  store<f64>(statistics, load<f64>(statistics, 24) + <f64>staleness, 24);
  store<f64>(statistics, max(load<f64>(statistics, 32), <f64>staleness), 32);
}

export function noteUpdates(job: usize, updates: u32, loss: f64): void {
  const statistics = statisticsOf(job);
  store<f64>(statistics, load<f64>(statistics) + <f64>updates);
  store<f64>(statistics, load<f64>(statistics, 8) + loss, 8);
}
