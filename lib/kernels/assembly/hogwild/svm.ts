/** The sparse linear support vector machine of Recht et al. 2011, section 2: hinge loss, and a regulariser shared out by 1/d_u. */
import { awaitOwnTurn, enter, finish, leave, start } from './discipline';
import { decaysOf, disciplineOf, GATHERED, isCounting, labelsOf, offsetsOf, orderOf, parametersOf, replicaOf, splitsOf, valuesOf, verticesOf } from './job';

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
  const replica = replicaOf(job);
  const splits = splitsOf(job);
  const counting = isCounting(job);
  let loss: f64 = 0;
  const gathering = disciplineOf(job) == GATHERED;
  if (!start(job)) return 0;

  for (let position = first; position < end; position += every) {
    const sample = <usize>load<u32>(order + (<usize>position << 2)) << 2;
    const begin = <usize>load<u32>(offsets + sample) << 2;
    const last = <usize>load<u32>(offsets + sample, 4) << 2;
    const split = gathering ? <usize>load<u32>(splits + sample) << 2 : begin;
    if (!enter(job, vertices + begin, vertices + last)) break;

    const y = load<f32>(labels + sample);
    let product = dot(vertices, values, shared, split, last);
    if (gathering) product += dot(vertices, values, replica, begin, split);
    const short = 1.0 - <f64>y * product;
    if (short > 0) loss += short;
    else if (short != short) loss = NaN;
    if (!awaitOwnTurn(job, position)) break;
    if (counting) {
      addOnes(vertices, shared, split, last);
      if (gathering) addOnes(vertices, replica, begin, split);
    } else {
      const pull: f32 = short > 0 ? step * y : 0;
      descend(vertices, values, decays, shared, split, last, step, pull);
      if (gathering) descend(vertices, values, decays, replica, begin, split, step, pull);
    }
    if (!leave(job, position, vertices + begin, vertices + last)) break;
  }
  return finish(job, loss);
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
