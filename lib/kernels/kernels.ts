import type { Address } from '../memory/regions.js';
import type { WasmMemory } from '../memory/webassembly.js';
import type { ConvolutionGeometry } from './sizes.js';

/**
 * What the compiled kernels offer. Every argument that is an `Address` is a byte offset into the arena; counts are
 * elements; `begin` and `end` are coordinates of a row, begin included, end excluded. Matrices are row-major float32.
 * Kernels allocate nothing and keep nothing: all memory comes from the caller.
 *
 * A *row table* is `n` uint32 addresses of float32 rows.
 */
export interface Kernels {
  readonly memory: WasmMemory;

  // matrix.ts: the three products of a dense layer. `workspace` holds the packed panel of the second factor.
  /** C (m × n) = A (m × k) · B (k × n). */
  multiply(a: Address, b: Address, c: Address, m: number, n: number, k: number, workspace: Address): void;
  /** C (m × n) = Aᵀ · B with A (k × m), B (k × n). */
  multiplyTransposedA(a: Address, b: Address, c: Address, m: number, n: number, k: number, workspace: Address): void;
  /** C (m × n) = A · Bᵀ with A (m × k), B (n × k). */
  multiplyTransposedB(a: Address, b: Address, c: Address, m: number, n: number, k: number, workspace: Address): void;
  /**
   * Their inner loop alone, `times` times: c (tile rows × 8) += Aᵀ · B with A (k × tile rows), B (k × 8). Returns the tile's rows, at most 6. For measuring
   * what share of a product's time is the loop's.
   */
  multiplyPanels(a: Address, b: Address, c: Address, k: number, times: number): number;
  /** Bytes of workspace that any of the three products needs for these sizes. */
  multiplyWorkspace(m: number, n: number, k: number): number;

  // layers.ts
  /** x (rows × columns) += bias, for each row. */
  addBias(x: Address, bias: Address, rows: number, columns: number): void;
  /** x ← max(0, x), in place. A NaN stays a NaN. */
  relu(x: Address, count: number): void;
  /** gradient ← gradient where the activation is above 0, else 0. */
  reluBackward(gradient: Address, activation: Address, count: number): void;
  /** output (columns) = Σ over the rows of x (rows × columns): a bias's gradient. */
  sumRows(x: Address, output: Address, rows: number, columns: number): void;
  /**
   * Mean cross-entropy of softmax(logits) (rows × classes) against labels (uint8); writes its derivative by the logits
   * ((softmax − one-hot)/rows) to `gradient`, which may be `logits` itself. Returns the loss; NaN when a logit is.
   */
  softmaxCrossEntropy(logits: Address, labels: Address, gradient: Address, rows: number, classes: number): number;
  /** Σ (not mean) of the cross-entropy, without a gradient. */
  crossEntropySum(logits: Address, labels: Address, rows: number, classes: number): number;
  /** How many rows have their greatest logit at the label; a tie goes to the smaller class, a row with NaN is wrong. */
  countCorrect(logits: Address, labels: Address, rows: number, classes: number): number;
  /** answers[row] (uint8) = the class of the greatest logit; a tie goes to the smaller class, a row with NaN answers 255. */
  classify(logits: Address, answers: Address, rows: number, classes: number): void;
  /** output (float32) = source (uint8) · scale + shift, `count` elements. */
  normalize(source: Address, output: Address, count: number, scale: number, shift: number): void;

  // convolution.ts: images are channels × height × width. `parameters`: the weights, filters × channels × kernel × kernel, then a bias for each filter.
  // With `padding` an image has a margin of so many zeros; what of it no whole step of `stride` reaches is left out.
  /** output (batch × filters × positions) = bias + Σ over the patch of weight · input. */
  convolution(
    input: Address, parameters: Address, output: Address, batch: number, channels: number, height: number, width: number,
    filters: number, kernel: number, stride: number, padding: number, workspace: Address,
  ): void;
  /** The loss's derivative by the weights and biases, from that by the output, summed over the batch. */
  convolutionParametersGradient(
    input: Address, outputGradient: Address, parametersGradient: Address, batch: number, channels: number, height: number, width: number,
    filters: number, kernel: number, stride: number, padding: number, workspace: Address,
  ): void;
  /** The loss's derivative by the input, from that by the output. */
  convolutionInputGradient(
    outputGradient: Address, parameters: Address, inputGradient: Address, batch: number, channels: number, height: number, width: number,
    filters: number, kernel: number, stride: number, padding: number, workspace: Address,
  ): void;
  /** Bytes of workspace that any of these three needs. */
  convolutionWorkspace(geometry: ConvolutionGeometry): number;

  // pooling.ts: windows of size × size in each of `planes` planes (samples × channels) of height × width; what no whole window reaches is left out.
  /** The greatest of each window; `indices`: a uint32 for each output, which one it was: of equal ones the first. A NaN is the greatest. */
  maxPool(input: Address, output: Address, indices: Address, planes: number, height: number, width: number, size: number, stride: number): void;
  maxPoolBackward(outputGradient: Address, indices: Address, inputGradient: Address, planes: number, height: number, width: number, size: number, stride: number): void;
  /** The mean of each window, summed in float64. */
  averagePool(input: Address, output: Address, planes: number, height: number, width: number, size: number, stride: number): void;
  averagePoolBackward(outputGradient: Address, inputGradient: Address, planes: number, height: number, width: number, size: number, stride: number): void;

  // normalisation.ts: x is batch × channels × positions; `parameters`: a scale for each channel, then a shift.
  /** Each group of channels of a sample to mean 0 and variance 1, then scaled and shifted; `statistics`: 2 float64 for each sample and group, kept for the way back. */
  groupNorm(x: Address, parameters: Address, output: Address, statistics: Address, batch: number, channels: number, positions: number, groups: number): void;
  /** `sums`: 2 · channels float64 of workspace. An `inputGradient` of 0 is not wanted. */
  groupNormBackward(
    x: Address, parameters: Address, outputGradient: Address, statistics: Address, parametersGradient: Address, inputGradient: Address, sums: Address,
    batch: number, channels: number, positions: number, groups: number,
  ): void;

  // dropout.ts
  /** x ← x · 0 or x · scale, in place: `scale` where the next 32-bit draw is at least `threshold`. `state`: 4 uint32 of xoshiro128**, not all 0, not changed. */
  dropout(x: Address, count: number, threshold: number, scale: number, state: Address): void;

  // rows.ts: statistics over the n rows of a row table, coordinates begin … end − 1, results at the same coordinates of the output rows.
  /** output[k] = (1/n) Σ rows[i][k]. */
  mean(table: Address, n: number, begin: number, end: number, output: Address): void;
  /** output[k] = Σ weights[i] · rows[i][k]; `weights` float32. Rows of weight 0 are not read. */
  combine(table: Address, weights: Address, n: number, begin: number, end: number, output: Address): void;
  /** Mean μ and standard deviation σ with divisor n − ddof; in float64, from differences to the first row: no cancellation. */
  meanAndDeviation(table: Address, n: number, begin: number, end: number, mean: Address, deviation: Address, ddof: number): void;
  /** output[k] = μ[k] + factor · σ[k]: ALIE's row, in one visit to the rows. */
  shiftedMean(table: Address, n: number, begin: number, end: number, output: Address, factor: number, ddof: number): void;
  /**
   * A round's forensics over the honest rows, accumulated in float64 into 8 doubles at `sums` (overwritten):
   * Σ(a−μ)², Σσ², Σμ², Σa², Σaμ, and how many coordinates have |μ| < σ/2, |μ| < σ, |μ| < 2σ. `a`: the aggregate; σ has ddof 0.
   */
  forensics(table: Address, n: number, begin: number, end: number, aggregate: Address, sums: Address): void;
  /** 1 when coordinates begin … end − 1 of the row hold a NaN or ±Inf, else 0. */
  hasNonFinite(row: Address, begin: number, end: number): number;
  /** Σ row[k]² in float64 over blocks: 1e20 does not overflow. */
  squaredNorm(row: Address, begin: number, end: number): number;
  /**
   * Squared Euclidean distances of all pairs i < j with first ≤ i < next over coordinates begin … end − 1; `output`: n(n−1)/2 float64
   * (0,1), (0,2), … (n−2, n−1), of which those of these pairs are overwritten. `first` and `next` are multiples of 3, or `next` is n. `scratch`: `columnScratch(n)` bytes. By products of centred rows where those are exact
   * enough, else by true differences; blocks whose float32 sum overflows or underflows are taken again in float64. Equal rows are at
   * distance 0 and equally far from any other.
   */
  squaredDistances(table: Address, n: number, first: number, next: number, begin: number, end: number, output: Address, scratch: Address): void;

  // groups.ts: row g of the table `outputs` = the mean of group g.
  /** Group g are the addresses at positions bounds[g] … bounds[g + 1] − 1 of `members`. As `mean`. */
  groupMeans(members: Address, bounds: Address, groups: number, begin: number, end: number, outputs: Address): void;
  /**
   * Groups of the n rows of the table, for rows that are in many of them. `masks`: ⌈n/4⌉ bytes for each group, bit j of byte k for row 4k + j. Float32 sums in fours of
   * rows, then over the fours. `scratch`: `columnScratch(n)` bytes.
   */
  subsetMeans(table: Address, n: number, masks: Address, groups: number, begin: number, end: number, outputs: Address, scratch: Address): void;

  // points.ts
  /**
   * output[k] = Σ weights[i] · rows[i][k]; `weights` float64. Summed in float64 and rounded once. The output may be one of the rows. Rows
   * must be finite. `scratch`: `columnScratch(n)` bytes.
   */
  weightedSum(table: Address, weights: Address, n: number, begin: number, end: number, output: Address, scratch: Address): void;
  /**
   * Squared Euclidean distances of the n rows to one point (float32, a row like them) over coordinates begin … end − 1; `output`: n float64,
   * overwritten. By true differences; blocks whose float32 sum overflows or underflows are taken again in float64.
   */
  squaredDistancesTo(table: Address, n: number, begin: number, end: number, point: Address, output: Address): void;
  /** Σ (rows[i][k] − point[k]) · direction[k] of each row over coordinates begin … end − 1, in float64; `output`: n float64, overwritten. */
  projections(table: Address, n: number, begin: number, end: number, point: Address, direction: Address, output: Address): void;

  // products.ts
  /**
   * Inner products of the pairs i ≤ j with first ≤ i < next (first a multiple of 3, and next or n) over coordinates begin … end − 1, in float64;
   * `output`: n(n+1)/2 float64 (0,0), (0,1), … (n−1, n−1), of which those pairs' are overwritten. `wide`: 1 when the rows are float64, 0 for float32. `scratch`: `columnScratch(n)` bytes. Equal rows have equal products, bit by bit.
   */
  innerProducts(table: Address, n: number, first: number, next: number, begin: number, end: number, output: Address, scratch: Address, wide: number): void;
  /** sums (float64) += row (float32). */
  addToSums(row: Address, sums: Address, begin: number, end: number): void;
  // dot-products.ts
  /** Σ rows[i][k] · point[k] over coordinates begin … end − 1; `output`: n float64, overwritten. In float64 throughout. */
  dotProducts(table: Address, n: number, begin: number, end: number, point: Address, output: Address): void;

  // votes.ts
  /** output[k] = 1, −1 or 0: whether more of the rows are above 0 or below it at coordinate k, or as many. */
  majoritySign(table: Address, n: number, begin: number, end: number, output: Address): void;
  /**
   * How many of the coordinates at positions first … next − 1 of a list of uint32 are above 0, and how many below it, in each row; `counts`: n
   * float64 for above, then n for below, overwritten.
   */
  countSigns(table: Address, n: number, coordinates: Address, first: number, next: number, counts: Address): void;

  // splits.ts
  /**
   * The exact split of each coordinate's n values into two groups of least squares, of equally good ones that with the fewest low values. Writes the
   * distance of the groups' means (float64) and the limits of the smaller group: values at or below `low` or at or above `high` (float32) are in it;
   * −∞ and +∞ when neither is smaller. `network` must sort fully. `scratch`: `columnScratch(n)` bytes. Rows must be finite.
   */
  twoMeans(table: Address, n: number, begin: number, end: number, distances: Address, low: Address, high: Address, network: Address, comparators: number, scratch: Address): void;
  /**
   * In how many of the coordinates whose distance exceeds alpha each row is in the smaller group, and how many such coordinates there are, into n + 1
   * float64 (overwritten). Resets the limits of the others to −∞ and +∞.
   */
  countSmaller(table: Address, n: number, begin: number, end: number, distances: Address, low: Address, high: Address, alpha: number, counts: Address): void;

  // columns.ts: order statistics of the n values of each coordinate, by a comparator network over 16 columns at a time.
  /** Bytes of scratch that these two, `squaredDistances`, `innerProducts`, `twoMeans` and `subsetMeans` need for n rows. */
  columnScratch(n: number): number;
  /**
   * output[k] = mean of the sorted values at positions first … last (included) of column k. `network`: `comparators` pairs of
   * uint32 as made by `selectionNetwork` (lib/kernels/network.ts). Rows must be finite.
   */
  sortedMean(table: Address, n: number, begin: number, end: number, output: Address, network: Address, comparators: number, first: number, last: number, scratch: Address): void;
  /**
   * output[k] = mean of the `keep` values nearest to the mean of the sorted values at positions first … last of column k.
   * Equal distances go to the row that comes first in the table. `network` must sort fully.
   */
  nearestMean(table: Address, n: number, begin: number, end: number, output: Address, network: Address, comparators: number, keep: number, first: number, last: number, scratch: Address): void;

  // updates.ts: element-wise, coordinates begin … end − 1.
  fill(x: Address, begin: number, end: number, value: number): void;
  copy(source: Address, target: Address, begin: number, end: number): void;
  /** target[k] = source[places[k]]; `places`: uint32. The target is not the source. */
  gather(source: Address, places: Address, target: Address, begin: number, end: number): void;
  /** target = x + y; `target` may be one of them. */
  add(x: Address, y: Address, target: Address, begin: number, end: number): void;
  /** target = alpha · source, in float64 and rounded once; `target` may be `source`. */
  scale(alpha: number, source: Address, target: Address, begin: number, end: number): void;
  /** target[k] = target[k], but at least low[k] and at most high[k], where low ≤ high; NaN stays. */
  clamp(target: Address, low: Address, high: Address, begin: number, end: number): void;
  /** y += alpha · x. */
  addScaled(alpha: number, x: Address, y: Address, begin: number, end: number): void;
  /** v = beta · v + alpha · x: a momentum step. */
  decayAndAdd(beta: number, v: Address, alpha: number, x: Address, begin: number, end: number): void;
  /** sums += x², y −= alpha · x / √sums, in float64 and rounded once; `sums`: float64. Where a sum is 0, y stays. The same bits in both builds. */
  adagrad(alpha: number, sums: Address, x: Address, y: Address, begin: number, end: number): void;

  // directions.ts: from the mean μ of the rows in a direction p, in float64. `direction`: 0 for p = −σ (divisor n − 1), 1 for −μ,
  // 2 for −sign(μ). `scratch`: 4 KiB, which `columnScratch(n)` bytes always hold.
  /**
   * How far each row is from μ, and how far along p, over coordinates begin … end − 1, into 2n + 1 doubles at `sums` (overwritten):
   * Σ(x_i − μ)² of each row, then Σ(x_i − μ)p of each row, then Σp².
   */
  spreadAlong(table: Address, n: number, begin: number, end: number, direction: number, sums: Address, scratch: Address): void;
  /** output[k] = μ[k] + factor · p[k], rounded once. */
  movedMean(table: Address, n: number, begin: number, end: number, output: Address, direction: number, factor: number, scratch: Address): void;

  // eigenpair.ts: one symmetric, positive semidefinite matrix (m × m) in a workspace of `eigenpairLength(m)` float64 (sizes.ts says how it lies there).
  /**
   * Makes the matrix's rows `from`, from − 1, … `to` tridiagonal, O(from²) operations each: all of them once `from` was m − 1 and `to` is 0, in as many calls as
   * the caller likes. Overwrites the matrix.
   */
  tridiagonalise(workspace: Address, m: number, from: number, to: number): void;
  /** After that: returns the greatest eigenvalue and leaves an eigenvector of length 1 in the workspace. Both are 0 when the matrix is. */
  dominantEigenpair(workspace: Address, m: number): number;
  // scatter.ts: rows that are known by their squared distances (n × n float64). `rows`: m of them (uint32); `weights`: m float64 above 0 that add up to 1.
  /** Makes the matrix of a workspace the inner products √w_i (x_i − μ)·(x_j − μ) √w_j of these rows, μ = Σ w_i x_i. */
  centreProducts(squared: Address, n: number, rows: Address, weights: Address, m: number, workspace: Address): void;
  /** After that and `tridiagonalise`: the greatest variance λ and (x_i − μ)·v · √λ of each row, v the direction of it, into m + 1 float64. All 0 when λ is. */
  projectOnDominant(squared: Address, n: number, rows: Address, weights: Address, m: number, workspace: Address, output: Address): void;
  // draws.ts
  /**
   * b of d coordinates without replacement, ascending, into b uint32. `state`: 4 uint32 of a `Stream`'s generator, moved on by the draws. `marks`:
   * ⌈d/32⌉ uint32 of workspace.
   */
  drawCoordinates(state: Address, b: number, d: number, marks: Address, output: Address): void;

  // hogwild/: `job` is a thread's job (hogwild-job.ts). The edges at positions first, first + every, … below end of the job's order, one update each,
  // while other threads update the same parameters. Each returns how many updates were made: fewer when the run ended meanwhile.
  /** Sparse linear SVM: hinge loss, the regulariser shared out by 1/d_u. */
  svmUpdates(job: Address, first: number, end: number, every: number, step: number): number;
  /** Matrix completion: squared error, the regulariser shared out by 1/d_u and 1/d_v. */
  factorUpdates(job: Address, first: number, end: number, every: number, step: number): number;
  /** Graph cuts: w·‖x_u − x_v‖₁, each vertex projected onto the simplex. */
  cutUpdates(job: Address, first: number, end: number, every: number, step: number): number;
  /** A Byzantine worker's writes at the edges' vertices: `size` itself, or with `add` 1 a normal deviate times `size` added. */
  hogwildWrite(job: Address, first: number, end: number, every: number, add: number, size: number): number;
  /** Σ hinge loss and the number on the right side, of samples first … end − 1, into two float64. */
  svmEvaluate(parameters: Address, offsets: Address, vertices: Address, values: Address, labels: Address, first: number, end: number, output: Address): void;
  /** Σ squared error of entries first … end − 1, into one float64. */
  factorEvaluate(parameters: Address, vertices: Address, values: Address, stride: number, first: number, end: number, output: Address): void;
  /** Σ w·‖x_u − x_v‖₁ of arcs first … end − 1, into one float64. */
  cutEvaluate(parameters: Address, vertices: Address, values: Address, width: number, stride: number, first: number, end: number, output: Address): void;
  /** How many free vertices among first … end − 1 have their greatest value at their label (float32). A tie goes to the smaller class. */
  cutCorrect(parameters: Address, fixed: Address, labels: Address, width: number, stride: number, first: number, end: number): number;
  /** The nearest point of the simplex, in place. */
  projectOntoSimplex(block: Address, width: number): void;
}
