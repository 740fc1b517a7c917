/**
 * The dominant eigenpair of a symmetric, positive semidefinite matrix, directly: by O(m³) operations whatever the matrix, where a power iteration takes as
 * many steps as the gap to the next eigenvalue asks for and never leaves a start that is orthogonal to the vector. Householder reflections make the
 * matrix tridiagonal; sections enclose the eigenvalue; the vector follows from the two factorisations that met there. Both are good to rounding:
 * the residual ‖Av − λv‖ is of the order of m · 1e-16 λ. In float64 without fused operations, so the same bits in both builds.
 *
 * A workspace holds the matrix, of which the lower triangle is read and overwritten, in rows of `m` rounded up to an even number of float64, and behind it vectors
 * of as many and a scale: `eigenpairLength(m)` float64 in lib/kernels/sizes.ts.
 */
import { sumOfPair } from './vector';

/** Squares below this, of entries of at most 1, are nothing. */
const NOTHING: f64 = 1e-290;
/** 2⁻⁵⁰: so wide is the last section, as a share of its upper end. */
const WIDTH: f64 = 8.881784197001252e-16;
/** Each step leaves a fifth of the section; 27 are enough for 1,000 rows. */
const MOST_STEPS: i32 = 100;

/** The vectors behind the matrix, in order. */
const DIAGONAL: u32 = 0;
/** Entry k couples k and k + 1. */
const BESIDE: u32 = 1;
const FACTORS: u32 = 2;
/** Two: of the reflections' vectors, in turn; later the two factorisations. */
const IMAGES: u32 = 3;
const VECTOR: u32 = 5;
/** What the entries are divided by, so that none is above 1 and no square over- or underflows where it matters; then a number that is left alone. */
const SCALE: u32 = 6;
/** Left alone. */
const OTHER: u32 = 7;

// @ts-ignore: decorator
@inline
export function rowOfMatrix(workspace: usize, m: u32, row: u32): usize {
  return workspace + <usize>row * (<usize>((m + 1) & ~1) << 3);
}

// @ts-ignore: decorator
@inline
function vectorOf(workspace: usize, m: u32, vector: u32): usize {
  return rowOfMatrix(workspace, m, m + vector);
}

export function eigenvectorOf(workspace: usize, m: u32): usize {
  return vectorOf(workspace, m, VECTOR);
}

/** A number for who made the matrix to keep there. */
export function otherNumberOf(workspace: usize, m: u32): usize {
  return vectorOf(workspace, m, SCALE) + 8;
}

/** The same for a vector. */
export function otherVectorOf(workspace: usize, m: u32): usize {
  return vectorOf(workspace, m, OTHER);
}

// @ts-ignore: decorator
@inline
export function at(vector: usize, index: u32): f64 {
  return load<f64>(vector + (<usize>index << 3));
}

// @ts-ignore: decorator
@inline
export function put(vector: usize, index: u32, value: f64): void {
  store<f64>(vector + (<usize>index << 3), value);
}

// @ts-ignore: decorator
@inline
function splatAt(vector: usize, index: u32): v128 {
  return v128.load64_splat(vector + (<usize>index << 3));
}

/**
 * Makes rows `from`, `from` − 1, … `to` tridiagonal; the whole matrix once `from` was m − 1 and `to` is 0, with stops between wherever the caller likes. Row
 * i loses all but its last two entries by a reflection I − factor · v vᵀ of the rows above, and keeps v in their place.
 *
 * What a reflection does to the rows above it, A ← A − v wᵀ − w vᵀ, waits until the next one's v is known: then the same visit of these rows multiplies
 * them by it.
 */
export function tridiagonalise(workspace: usize, m: u32, from: u32, to: u32): void {
  if (from == m - 1) scaleDown(workspace, m);
  const diagonal = vectorOf(workspace, m, DIAGONAL);
  const beside = vectorOf(workspace, m, BESIDE);
  for (let i = <i32>from; i >= <i32>to; i--) {
    const row = rowOfMatrix(workspace, m, i);
    // Rows 1 and 0 aren't reflected, so what waits for both is the reflection of row 2.
    const last = max(i, 1) + 1;
    const waits = last < <i32>m;
    let u = row, w = vectorOf(workspace, m, IMAGES + ((i + 1) & 1));
    if (waits) {
      u = rowOfMatrix(workspace, m, last);
      w = vectorOf(workspace, m, IMAGES + (last & 1));
      for (let j = 0; j <= i; j++) put(row, j, at(row, j) - (at(u, i) * at(w, j) + at(w, i) * at(u, j)));
    } else {
      memory.fill(w, 0, <usize>m << 3);
    }
    put(diagonal, i, at(row, i));
    if (i < 2) {
      if (i == 1) put(beside, 0, at(row, 0));
      continue;
    }
    const factor = reflectionOf(row, i, beside);
    put(vectorOf(workspace, m, FACTORS), i, factor);
    const image = vectorOf(workspace, m, IMAGES + (i & 1));
    updateAndMultiply(workspace, m, i, u, w, row, image);
    let along: f64 = 0;
    for (let j = 0; j < i; j++) along += at(image, j) * at(row, j);
    const half = 0.5 * factor * along;
    for (let j = 0; j < i; j++) put(image, j, factor * (at(image, j) - half * at(row, j)));
  }
}

/** Divides the lower triangle by its greatest entry; by 1 when that is 0. */
function scaleDown(workspace: usize, m: u32): void {
  let scale: f64 = 0;
  for (let i: u32 = 0; i < m; i++) {
    const row = rowOfMatrix(workspace, m, i);
    for (let j: u32 = 0; j <= i; j++) scale = max(scale, abs(at(row, j)));
  }
  store<f64>(vectorOf(workspace, m, SCALE), scale);
  if (scale == 0) return;
  for (let i: u32 = 0; i < m; i++) {
    const row = rowOfMatrix(workspace, m, i);
    for (let j: u32 = 0; j <= i; j++) put(row, j, at(row, j) / scale);
  }
}

/** Puts v in the place of the first i entries of a row and returns its factor: 0 where all but the last of them are nothing. */
function reflectionOf(row: usize, i: u32, beside: usize): f64 {
  const first = at(row, i - 1);
  let tail: f64 = 0;
  for (let j: u32 = 0; j < i - 1; j++) tail += at(row, j) * at(row, j);
  if (tail < NOTHING) {
    put(beside, i - 1, first);
    return 0;
  }
  const length = sqrt(first * first + tail);
  const reflected = first > 0 ? -length : length;
  const v = first - reflected;
  put(beside, i - 1, reflected);
  put(row, i - 1, v);
  return 2 / (v * v + tail);
}

/**
 * The first `count` rows: A ← A − u wᵀ − w uᵀ, and image = A v. Two rows at a time: they have an even number of columns in common to the left of where
 * they meet the diagonal. Later rows add to the images of earlier ones what is above the diagonal.
 */
function updateAndMultiply(workspace: usize, m: u32, count: u32, u: usize, w: usize, v: usize, image: usize): void {
  let r: u32 = 0;
  for (; r + 1 < count; r += 2) {
    const a = rowOfMatrix(workspace, m, r), b = rowOfMatrix(workspace, m, r + 1);
    const ua = splatAt(u, r), ub = splatAt(u, r + 1);
    const wa = splatAt(w, r), wb = splatAt(w, r + 1);
    const va = splatAt(v, r), vb = splatAt(v, r + 1);
    let sumA = f64x2.splat(0), sumB = f64x2.splat(0);
    const end = <usize>r << 3;
    for (let j: usize = 0; j < end; j += 16) {
      const uj = v128.load(u + j), wj = v128.load(w + j), vj = v128.load(v + j);
      const aj = f64x2.sub(v128.load(a + j), f64x2.add(f64x2.mul(ua, wj), f64x2.mul(wa, uj)));
      const bj = f64x2.sub(v128.load(b + j), f64x2.add(f64x2.mul(ub, wj), f64x2.mul(wb, uj)));
      v128.store(a + j, aj);
      v128.store(b + j, bj);
      sumA = f64x2.add(sumA, f64x2.mul(aj, vj));
      sumB = f64x2.add(sumB, f64x2.mul(bj, vj));
      v128.store(image + j, f64x2.add(v128.load(image + j), f64x2.add(f64x2.mul(aj, va), f64x2.mul(bj, vb))));
    }
    const onA = at(a, r) - 2 * at(u, r) * at(w, r);
    const between = at(b, r) - (at(u, r + 1) * at(w, r) + at(w, r + 1) * at(u, r));
    const onB = at(b, r + 1) - 2 * at(u, r + 1) * at(w, r + 1);
    put(a, r, onA);
    put(b, r, between);
    put(b, r + 1, onB);
    put(image, r, sumOfPair(sumA) + onA * at(v, r) + between * at(v, r + 1));
    put(image, r + 1, sumOfPair(sumB) + between * at(v, r) + onB * at(v, r + 1));
  }
  if (r == count) return;
  const a = rowOfMatrix(workspace, m, r);
  const ua = splatAt(u, r), wa = splatAt(w, r), va = splatAt(v, r);
  let sum = f64x2.splat(0);
  const end = <usize>r << 3;
  for (let j: usize = 0; j < end; j += 16) {
    const aj = f64x2.sub(v128.load(a + j), f64x2.add(f64x2.mul(ua, v128.load(w + j)), f64x2.mul(wa, v128.load(u + j))));
    v128.store(a + j, aj);
    sum = f64x2.add(sum, f64x2.mul(aj, v128.load(v + j)));
    v128.store(image + j, f64x2.add(v128.load(image + j), f64x2.mul(aj, va)));
  }
  const onA = at(a, r) - 2 * at(u, r) * at(w, r);
  put(a, r, onA);
  put(image, r, sumOfPair(sum) + onA * at(v, r));
}

/** The greatest eigenvalue of the matrix that is tridiagonal now; its eigenvector, of length 1, is left where `eigenvectorOf` says. Both are 0 when the matrix is. */
export function dominantEigenpair(workspace: usize, m: u32): f64 {
  const vector = eigenvectorOf(workspace, m);
  const scale = load<f64>(vectorOf(workspace, m, SCALE));
  if (scale == 0) {
    memory.fill(vector, 0, <usize>m << 3);
    return 0;
  }
  const shift = leastBound(workspace, m);
  vectorAt(workspace, m, shift);
  // Back through the reflections, the last one first.
  const factors = vectorOf(workspace, m, FACTORS);
  for (let i: u32 = 2; i < m; i++) {
    const v = rowOfMatrix(workspace, m, i);
    let along: f64 = 0;
    for (let j: u32 = 0; j < i; j++) along += at(v, j) * at(vector, j);
    along *= at(factors, i);
    for (let j: u32 = 0; j < i; j++) put(vector, j, at(vector, j) - along * at(v, j));
  }
  let squares: f64 = 0;
  for (let i: u32 = 0; i < m; i++) squares += at(vector, i) * at(vector, i);
  const length = sqrt(squares);
  for (let i: u32 = 0; i < m; i++) put(vector, i, at(vector, i) / length);
  return scale * shift;
}

/** The upper end of the last section: just above the greatest eigenvalue, all pivots above 0. */
function leastBound(workspace: usize, m: u32): f64 {
  const diagonal = vectorOf(workspace, m, DIAGONAL);
  const beside = vectorOf(workspace, m, BESIDE);
  let below = -Infinity;
  let above: f64 = 0;
  for (let i: u32 = 0; i < m; i++) {
    const value = at(diagonal, i);
    below = max(below, value);
    above = max(above, value + (i + 1 < m ? abs(at(beside, i)) : 0) + (i > 0 ? abs(at(beside, i - 1)) : 0));
  }
  // Gershgorin's bound may be the eigenvalue itself.
  let step = WIDTH;
  for (let steps = 0; steps < MOST_STEPS && arePositive(diagonal, beside, m, f64x2.splat(above), f64x2.splat(above)) != 15; steps++) {
    above += step;
    step *= 2;
  }
  for (let steps = 0; steps < MOST_STEPS && above - below > WIDTH * above; steps++) {
    const fifth = (above - below) / 5;
    const s1 = below + fifth, s2 = below + 2 * fifth, s3 = below + 3 * fifth, s4 = below + 4 * fifth;
    const positive = arePositive(diagonal, beside, m, f64x2.replace_lane(f64x2.splat(s1), 1, s2), f64x2.replace_lane(f64x2.splat(s3), 1, s4));
    // Down from the upper end, as far as all are positive.
    if (!(positive & 8)) below = s4;
    else if (!(positive & 4)) below = s3, above = s4;
    else if (!(positive & 2)) below = s2, above = s3;
    else if (!(positive & 1)) below = s1, above = s2;
    else above = s1;
  }
  return above;
}

/**
 * Of four shifts, a bit for each: whether all pivots of shift · I − T are above 0, eliminated from the first row on and from the last, that is whether the shift is above
 * every eigenvalue. The eight eliminations wait for each other's divisions.
 */
function arePositive(diagonal: usize, beside: usize, m: u32, s12: v128, s34: v128): i32 {
  let d12 = f64x2.sub(s12, splatAt(diagonal, 0)), d34 = f64x2.sub(s34, splatAt(diagonal, 0));
  let u12 = f64x2.sub(s12, splatAt(diagonal, m - 1)), u34 = f64x2.sub(s34, splatAt(diagonal, m - 1));
  let least12 = f64x2.min(d12, u12), least34 = f64x2.min(d34, u34);
  for (let i: u32 = 1; i < m; i++) {
    const down = splatAt(beside, i - 1), up = splatAt(beside, m - 1 - i);
    const downSquared = f64x2.mul(down, down), upSquared = f64x2.mul(up, up);
    const x = splatAt(diagonal, i), y = splatAt(diagonal, m - 1 - i);
    d12 = f64x2.sub(f64x2.sub(s12, x), f64x2.div(downSquared, d12));
    d34 = f64x2.sub(f64x2.sub(s34, x), f64x2.div(downSquared, d34));
    u12 = f64x2.sub(f64x2.sub(s12, y), f64x2.div(upSquared, u12));
    u34 = f64x2.sub(f64x2.sub(s34, y), f64x2.div(upSquared, u34));
    // A minimum with a NaN is one.
    least12 = f64x2.min(least12, f64x2.min(d12, u12));
    least34 = f64x2.min(least34, f64x2.min(d34, u34));
  }
  const zero = f64x2.splat(0);
  return i64x2.bitmask(f64x2.gt(least12, zero)) | (i64x2.bitmask(f64x2.gt(least34, zero)) << 2);
}

/**
 * z with (shift · I − T) z = γ e_r: it takes no start, and r is where γ is least. As 1/γ_r is an entry of the diagonal of the inverse, whose
 * trace is at least 1/(shift − λ), that γ, which is the residual, is at most m (shift − λ); and no entry of z is above z_r = 1.
 */
function vectorAt(workspace: usize, m: u32, shift: f64): void {
  const diagonal = vectorOf(workspace, m, DIAGONAL);
  const beside = vectorOf(workspace, m, BESIDE);
  const down = vectorOf(workspace, m, IMAGES), up = vectorOf(workspace, m, IMAGES + 1);
  const vector = eigenvectorOf(workspace, m);
  put(down, 0, shift - at(diagonal, 0));
  for (let i: u32 = 1; i < m; i++) put(down, i, shift - at(diagonal, i) - (at(beside, i - 1) * at(beside, i - 1)) / at(down, i - 1));
  put(up, m - 1, shift - at(diagonal, m - 1));
  for (let i = <i32>m - 2; i >= 0; i--) put(up, i, shift - at(diagonal, i) - (at(beside, i) * at(beside, i)) / at(up, i + 1));
  let r: u32 = 0;
  let least: f64 = Infinity;
  for (let i: u32 = 0; i < m; i++) {
    const gamma = at(down, i) + at(up, i) - (shift - at(diagonal, i));
    if (gamma < least) {
      least = gamma;
      r = i;
    }
  }
  put(vector, r, 1);
  for (let i = <i32>r - 1; i >= 0; i--) put(vector, i, (at(beside, i) * at(vector, i + 1)) / at(down, i));
  for (let i = r + 1; i < m; i++) put(vector, i, (at(beside, i - 1) * at(vector, i - 1)) / at(up, i));
}
