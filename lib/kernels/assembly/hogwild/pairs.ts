/** Edges of two vertices, each with a block of values of its own: matrix completion and graph cuts of Recht et al. 2011, section 2. */
import { awaitOwnTurn, enter, finish, leave, start } from './discipline';
import { decaysOf, disciplineOf, fixedOf, GATHERED, hotOf, isCounting, orderOf, parametersOf, replicaOf, strideOf, valuesOf, verticesOf, widthOf, workspaceOf } from './job';
import { projectOntoSimplex } from './simplex';
import { promoteHigh, sumOfPair } from '../vector';

/**
 * Matrix completion. With f(L, R) = (L_u·R_v − z)² + μ/(2d_u)‖L_u‖² + μ/(2d_v)‖R_v‖² both blocks move by −step times its gradient. The blocks'
 * stride is a multiple of four, and what is beyond their width is and stays 0.
 */
export function factorUpdates(job: usize, first: u32, end: u32, every: u32, step: f32): u32 {
  return pairUpdates(job, first, end, every, step, false);
}

/**
 * Graph cuts: f(x) = w·‖x_u − x_v‖₁ with every x_u on the simplex. Both move by −step times a subgradient (0 where they agree) and are
 * projected; fixed vertices stay.
 */
export function cutUpdates(job: usize, first: u32, end: u32, every: u32, step: f32): u32 {
  return pairUpdates(job, first, end, every, step, true);
}

// @ts-ignore: decorator
@inline
function pairUpdates(job: usize, first: u32, end: u32, every: u32, step: f32, cut: bool): u32 {
  const shared = parametersOf(job);
  const order = orderOf(job);
  const vertices = verticesOf(job);
  const values = valuesOf(job);
  const decays = decaysOf(job);
  const fixed = fixedOf(job);
  const width = widthOf(job);
  const bytes = <usize>strideOf(job) << 2;
  const replica = replicaOf(job);
  const hot = hotOf(job);
  const workspace = workspaceOf(job);
  const counting = isCounting(job);
  let loss: f64 = 0;
  const gathering = disciplineOf(job) == GATHERED;
  if (!start(job)) return 0;

  for (let position = first; position < end; position += every) {
    const edge = <usize>load<u32>(order + (<usize>position << 2));
    const pair = vertices + (edge << 3);
    const u = <usize>load<u32>(pair);
    const v = <usize>load<u32>(pair, 4);
    const a = (gathering && <u32>u < hot ? replica : shared) + u * bytes;
    const b = (gathering && <u32>v < hot ? replica : shared) + v * bytes;
    const value = load<f32>(values + (edge << 2));
    if (!enter(job, pair, pair + 8)) break;

    let error: f64 = 0;
    if (cut) loss += <f64>value * distance(a, b, width);
    else {
      error = product(a, b, bytes) - <f64>value;
      loss += error * error;
    }
    if (cut && !counting) {
      subgradientStep(a, b, workspace, workspace + bytes, width, step * value);
      if (load<u8>(fixed + u) == 0) projectOntoSimplex(workspace, width);
      if (load<u8>(fixed + v) == 0) projectOntoSimplex(workspace + bytes, width);
    }
    if (!awaitOwnTurn(job, position)) break;
    if (counting) {
      addOne(a, width);
      addOne(b, width);
    } else if (cut) {
      if (load<u8>(fixed + u) == 0) memory.copy(a, workspace, <usize>width << 2);
      if (load<u8>(fixed + v) == 0) memory.copy(b, workspace + bytes, <usize>width << 2);
    } else {
      factorStep(a, b, bytes, -2 * step * <f32>error, 1 - step * load<f32>(decays + (u << 2)), 1 - step * load<f32>(decays + (v << 2)));
    }
    if (!leave(job, position, pair, pair + 8)) break;
  }
  return finish(job, loss);
}

/** Σ (L_u·R_v − z)² of entries first … end − 1 into one float64. */
export function factorEvaluate(parameters: usize, vertices: usize, values: usize, stride: u32, first: u32, end: u32, output: usize): void {
  const bytes = <usize>stride << 2;
  let loss: f64 = 0;
  for (let edge = <usize>first; edge < <usize>end; edge++) {
    const u = <usize>load<u32>(vertices + (edge << 3));
    const v = <usize>load<u32>(vertices + (edge << 3), 4);
    const error = product(parameters + u * bytes, parameters + v * bytes, bytes) - <f64>load<f32>(values + (edge << 2));
    loss += error * error;
  }
  store<f64>(output, loss);
}

/** Σ w·‖x_u − x_v‖₁ of arcs first … end − 1 into one float64. */
export function cutEvaluate(parameters: usize, vertices: usize, values: usize, width: u32, stride: u32, first: u32, end: u32, output: usize): void {
  const bytes = <usize>stride << 2;
  let loss: f64 = 0;
  for (let edge = <usize>first; edge < <usize>end; edge++) {
    const u = <usize>load<u32>(vertices + (edge << 3));
    const v = <usize>load<u32>(vertices + (edge << 3), 4);
    loss += <f64>load<f32>(values + (edge << 2)) * distance(parameters + u * bytes, parameters + v * bytes, width);
  }
  store<f64>(output, loss);
}

/** How many of the free vertices among first … end − 1 have their greatest value at their label; a tie goes to the smaller class. */
export function cutCorrect(parameters: usize, fixed: usize, labels: usize, width: u32, stride: u32, first: u32, end: u32): u32 {
  let right: u32 = 0;
  for (let vertex = <usize>first; vertex < <usize>end; vertex++) {
    if (load<u8>(fixed + vertex) != 0) continue;
    const block = parameters + ((vertex * stride) << 2);
    let best: u32 = 0;
    for (let k: u32 = 1; k < width; k++) {
      if (load<f32>(block + (<usize>k << 2)) > load<f32>(block + (<usize>best << 2))) best = k;
    }
    right += u32(<f32>best == load<f32>(labels + (vertex << 2)));
  }
  return right;
}

/** Products in float32, sums in float64. */
// @ts-ignore: decorator
@inline
function product(a: usize, b: usize, bytes: usize): f64 {
  let low = f64x2.splat(0), high = f64x2.splat(0);
  for (let at: usize = 0; at < bytes; at += 16) {
    const products = f32x4.mul(v128.load(a + at), v128.load(b + at));
    low = f64x2.add(low, f64x2.promote_low_f32x4(products));
    high = f64x2.add(high, promoteHigh(products));
  }
  return sumOfPair(f64x2.add(low, high));
}

// @ts-ignore: decorator
@inline
function distance(a: usize, b: usize, width: u32): f64 {
  let sum: f64 = 0;
  for (let at: usize = 0; at < <usize>width << 2; at += 4) sum += abs(<f64>load<f32>(a + at) - <f64>load<f32>(b + at));
  return sum;
}

/** a ← keepA·a + pull·b and b ← keepB·b + pull·a, both from the old values. */
// @ts-ignore: decorator
@inline
function factorStep(a: usize, b: usize, bytes: usize, pull: f32, keepA: f32, keepB: f32): void {
  const pulls = f32x4.splat(pull);
  const ka = f32x4.splat(keepA);
  const kb = f32x4.splat(keepB);
  for (let at: usize = 0; at < bytes; at += 16) {
    const x = v128.load(a + at);
    const y = v128.load(b + at);
    v128.store(a + at, f32x4.add(f32x4.mul(ka, x), f32x4.mul(pulls, y)));
    v128.store(b + at, f32x4.add(f32x4.mul(kb, y), f32x4.mul(pulls, x)));
  }
}

// @ts-ignore: decorator
@inline
function subgradientStep(a: usize, b: usize, nextA: usize, nextB: usize, width: u32, step: f32): void {
  for (let at: usize = 0; at < <usize>width << 2; at += 4) {
    const x = load<f32>(a + at);
    const y = load<f32>(b + at);
    const move: f32 = x > y ? step : x < y ? -step : 0;
    store<f32>(nextA + at, x - move);
    store<f32>(nextB + at, y + move);
  }
}

// @ts-ignore: decorator
@inline
function addOne(block: usize, width: u32): void {
  for (let at: usize = 0; at < <usize>width << 2; at += 4) store<f32>(block + at, load<f32>(block + at) + 1);
}
