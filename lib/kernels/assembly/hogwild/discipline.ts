/**
 * Who may write when, and how stale what an update read was when it wrote. Waiting is done here and nowhere else: a waiter spins, then
 * sleeps a little at a time, and gives up when the run ends, so a thread that died with a lock keeps nobody.
 *
 * A kernel calls `start`; for each update `enter` before it reads, `awaitOwnTurn` before it writes, and `leave` when it has written; and `finish`
 * at the end, or as soon as one of them says that the run has ended.
 */
import { baseOf, disciplineOf, endedOf, GATHERED, hotOf, LOCK, lockOf, locksOf, parametersOf, progressOf, replicaOf, ROUND_ROBIN, statisticsOf, strideOf, threadOf, threadsOf, VERTEX_LOCKS, windowOf } from './job';

/** Looks before a waiter sleeps: some 10 µs, in which a holder that runs has long been done. */
const SPINS: u32 = 2000;
/** Nanoseconds: the holder may have lost its core to the waiter. */
const NAP: i64 = 20_000;

/** Nanoseconds until one who waits for a turn looks whether the run has ended. */
const LONGEST_SLEEP: i64 = 50_000_000;

/** Every so many updates the others' are counted between its reading and its writing: often enough to tell, seldom enough to cost nothing. */
const MEASURED: u32 = 64;

const LINE: u32 = 6;

/** Of the call under way, one at a time in a thread. A module's globals belong to its instance, so no other thread sees them. */
let updates: u32 = 0;
/** Is the staleness of the update under way to be measured? */
let measured: bool = false;
/** What the other threads had made when it read; where updates are gathered, when the window began. */
let before: u32 = 0;
/** Does the replica hold updates that the shared parameters may lack? */
let gathering: bool = false;

/** Before a call's first update. False when the run has ended. */
export function start(job: usize): bool {
  updates = 0;
  gathering = disciplineOf(job) == GATHERED;
  return !gathering || exchange(job);
}

/** Before an update reads: takes its locks, of the vertices first … last − 1 of a list in ascending order. False when the run ended before they were free. */
// @ts-ignore: decorator
@inline
export function enter(job: usize, first: usize, last: usize): bool {
  const discipline = disciplineOf(job);
  if (discipline == LOCK) {
    if (!acquire(lockOf(job), endedOf(job))) return false;
  } else if (discipline == VERTEX_LOCKS) {
    if (!acquireAll(job, first, last)) return false;
  }
  measured = isMeasured(job, discipline, updates);
  if (measured) before = progressOfOthers(job);
  return true;
}

/** Before the update at this position of the order writes. False when the run ended before its turn came. */
// @ts-ignore: decorator
@inline
export function awaitOwnTurn(job: usize, position: u32): bool {
  return disciplineOf(job) != ROUND_ROBIN || awaitTurn(lockOf(job), position, endedOf(job));
}

/** When the update has written: releases what `enter` took, and at a window's end gives what was gathered to the shared parameters. False when the run has ended. */
// @ts-ignore: decorator
@inline
export function leave(job: usize, position: u32, first: usize, last: usize): bool {
  const discipline = disciplineOf(job);
  // While the lock is held: what others make of it next was not made meanwhile, nor must they count this update as one that was.
  if (measured && discipline != GATHERED) noteStaleness(job, progressOfOthers(job) - before);
  countProgress(job);
  if (discipline == LOCK) release(lockOf(job));
  else if (discipline == VERTEX_LOCKS) releaseAll(job, first, last);
  else if (discipline == ROUND_ROBIN) passTurn(lockOf(job), position);
  updates++;
  if (discipline != GATHERED || updates % windowOf(job) != 0) return true;
  noteStaleness(job, progressOfOthers(job) - before);
  gathering = exchange(job);
  return gathering;
}

/** After a call's last update: gives away what is still gathered, and notes what was done. Returns how many updates were made. */
export function finish(job: usize, loss: f64): u32 {
  if (gathering) {
    if (updates % windowOf(job) != 0) noteStaleness(job, progressOfOthers(job) - before);
    exchange(job);
  }
  const statistics = statisticsOf(job);
  store<f64>(statistics, load<f64>(statistics) + <f64>updates);
  store<f64>(statistics, load<f64>(statistics, 8) + loss, 8);
  return updates;
}

/** False when the run ended before the lock was free. */
function acquire(lock: usize, ended: usize): bool {
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
function release(lock: usize): void {
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
function acquireAll(job: usize, begin: usize, end: usize): bool {
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

function releaseAll(job: usize, begin: usize, end: usize): void {
  const locks = locksOf(job);
  for (let at = begin; at < end; at += 4) release(locks + (<usize>load<u32>(at) << 2));
}

/**
 * Adds what the replica gained since the last exchange to the shared parameters, and makes it equal to them. Under the one lock, because two
 * threads that exchange at once would lose all that one of them has gathered. False when the run ended before.
 */
function exchange(job: usize): bool {
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
function isMeasured(job: usize, discipline: u32, done: u32): bool {
  return threadsOf(job) > 1 && (discipline == GATHERED ? done % windowOf(job) == 0 : done % MEASURED == 0);
}

/** Updates that the other threads have made. */
function progressOfOthers(job: usize): u32 {
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
function noteStaleness(job: usize, staleness: u32): void {
  if (threadsOf(job) == 1) return;
  const statistics = statisticsOf(job);
  store<f64>(statistics, load<f64>(statistics, 16) + 1, 16);
  store<f64>(statistics, load<f64>(statistics, 24) + <f64>staleness, 24);
  store<f64>(statistics, max(load<f64>(statistics, 32), <f64>staleness), 32);
}
