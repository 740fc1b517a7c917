/** The sparse linear support vector machine of Recht et al. 2011, section 2: hinge loss, and a regulariser shared out by 1/d_u. */
import { acquire, acquireAll, awaitTurn, countProgress, exchange, isMeasured, noteStaleness, noteUpdates, passTurn, progressOfOthers, release, releaseAll } from './discipline';
import { decaysOf, disciplineOf, endedOf, GATHERED, isCounting, labelsOf, LOCK, lockOf, offsetsOf, orderOf, parametersOf, replicaOf, ROUND_ROBIN, splitsOf, valuesOf, VERTEX_LOCKS, verticesOf, windowOf } from './job';

/**
 * The samples at positions first, first + every, … below end of the order, one update each. Returns how many were made: fewer when the run
 * ended meanwhile. With f(x) = max(0, 1 − y·zᵀx) + λ Σ x_u²/d_u over the sample's coordinates u: x_u ← x_u − step · ∂f/∂x_u.
 */
export function svmUpdates(job: usize, first: u32, end: u32, every: u32, step: f32): u32 {
  const shared = parametersOf(job);
  const order = orderOf(job);
  const offsets = offsetsOf(job);
  const vertices = verticesOf(job);
  const values = valuesOf(job);
  const labels = labelsOf(job);
  const decays = decaysOf(job);
  const discipline = disciplineOf(job);
  const lock = lockOf(job);
  const ended = endedOf(job);
  const replica = replicaOf(job);
  const splits = splitsOf(job);
  const window = windowOf(job);
  const counting = isCounting(job);
  let updates: u32 = 0;
  let loss: f64 = 0;
  let before: u32 = 0;
  let gathering = discipline == GATHERED && exchange(job);
  if (discipline == GATHERED && !gathering) return 0;

  for (let position = first; position < end; position += every) {
    const sample = <usize>load<u32>(order + (<usize>position << 2)) << 2;
    const begin = <usize>load<u32>(offsets + sample) << 2;
    const last = <usize>load<u32>(offsets + sample, 4) << 2;
    const split = gathering ? <usize>load<u32>(splits + sample) << 2 : begin;
    if (discipline == LOCK) {
      if (!acquire(lock, ended)) break;
    } else if (discipline == VERTEX_LOCKS) {
      if (!acquireAll(job, vertices + begin, vertices + last)) break;
    }
    const measured = isMeasured(job, discipline, updates);
    if (measured) before = progressOfOthers(job);

    const y = load<f32>(labels + sample);
    let product = dot(vertices, values, shared, split, last);
    if (gathering) product += dot(vertices, values, replica, begin, split);
    const short = 1.0 - <f64>y * product;
    if (short > 0) loss += short;
    else if (short != short) loss = NaN;
    if (discipline == ROUND_ROBIN && !awaitTurn(lock, position, ended)) break;
    if (counting) {
      addOnes(vertices, shared, split, last);
      if (gathering) addOnes(vertices, replica, begin, split);
    } else {
      const pull: f32 = short > 0 ? step * y : 0;
      descend(vertices, values, decays, shared, split, last, step, pull);
      if (gathering) descend(vertices, values, decays, replica, begin, split, step, pull);
    }

    // While the lock is held: what others make of it next was not made meanwhile, nor must they count this update as one that was.
    if (measured && !gathering) noteStaleness(job, progressOfOthers(job) - before);
    countProgress(job);
    if (discipline == LOCK) release(lock);
    else if (discipline == VERTEX_LOCKS) releaseAll(job, vertices + begin, vertices + last);
    else if (discipline == ROUND_ROBIN) passTurn(lock, position);
    updates++;
    if (gathering) {
      if (updates % window == 0) {
        noteStaleness(job, progressOfOthers(job) - before);
        if (!exchange(job)) {
          gathering = false;
          break;
        }
      }
    }
  }
  if (gathering) {
    if (updates % window != 0) noteStaleness(job, progressOfOthers(job) - before);
    exchange(job);
  }
  noteUpdates(job, updates, loss);
  return updates;
}

/** Σ of the hinge loss and the samples on the right side, of samples first … end − 1, into two float64. A product of 0 is on the wrong side. */
export function svmEvaluate(parameters: usize, offsets: usize, vertices: usize, values: usize, labels: usize, first: u32, end: u32, output: usize): void {
  let loss: f64 = 0;
  let right: u32 = 0;
  for (let sample = <usize>first << 2; sample < <usize>end << 2; sample += 4) {
    const product = <f64>load<f32>(labels + sample) * dot(vertices, values, parameters, <usize>load<u32>(offsets + sample) << 2, <usize>load<u32>(offsets + sample, 4) << 2);
    const short = 1.0 - product;
    loss += short > 0 || short != short ? short : 0;
    right += u32(product > 0);
  }
  store<f64>(output, loss);
  store<f64>(output, <f64>right, 8);
}

/** Σ value · x over entries begin … end (byte offsets), in float64; four sums, so that none waits for another. */
// @ts-ignore: decorator
@inline
function dot(vertices: usize, values: usize, x: usize, begin: usize, end: usize): f64 {
  let s0: f64 = 0, s1: f64 = 0, s2: f64 = 0, s3: f64 = 0;
  let at = begin;
  for (; at + 16 <= end; at += 16) {
    s0 += <f64>load<f32>(values + at) * <f64>load<f32>(x + (<usize>load<u32>(vertices + at) << 2));
    s1 += <f64>load<f32>(values + at, 4) * <f64>load<f32>(x + (<usize>load<u32>(vertices + at, 4) << 2));
    s2 += <f64>load<f32>(values + at, 8) * <f64>load<f32>(x + (<usize>load<u32>(vertices + at, 8) << 2));
    s3 += <f64>load<f32>(values + at, 12) * <f64>load<f32>(x + (<usize>load<u32>(vertices + at, 12) << 2));
  }
  for (; at < end; at += 4) s0 += <f64>load<f32>(values + at) * <f64>load<f32>(x + (<usize>load<u32>(vertices + at) << 2));
  return s0 + s1 + (s2 + s3);
}

/** x_u ← x_u + (pull · z_u − step · decay_u · x_u): what is read here is written here, and what others write in between is lost. */
// @ts-ignore: decorator
@inline
function descend(vertices: usize, values: usize, decays: usize, x: usize, begin: usize, end: usize, step: f32, pull: f32): void {
  for (let at = begin; at < end; at += 4) {
    const vertex = <usize>load<u32>(vertices + at) << 2;
    const old = load<f32>(x + vertex);
    store<f32>(x + vertex, old + (pull * load<f32>(values + at) - step * load<f32>(decays + vertex) * old));
  }
}

// @ts-ignore: decorator
@inline
function addOnes(vertices: usize, x: usize, begin: usize, end: usize): void {
  for (let at = begin; at < end; at += 4) {
    const vertex = <usize>load<u32>(vertices + at) << 2;
    store<f32>(x + vertex, load<f32>(x + vertex) + 1);
  }
}
