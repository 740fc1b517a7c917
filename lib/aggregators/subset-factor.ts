/**
 * Rows in the order in which they were added, and the Cholesky factor of bound · I − S, where S has the eigenvalues of
 * Σ (x_i − μ)(x_i − μ)ᵀ but for one 0. It exists as long as they are below the bound. A row is added by O(k²) operations for the k rows
 * before it, and dropped by none.
 *
 * S_jk = h_jᵀ (−½ D) h_k with D the squared distances and h_j = (1, …, 1, −j, 0, …)/√(j(j + 1)), j ones: these Helmert vectors are an
 * orthonormal basis of all that adds up to 0, so S is the centred inner products in that basis. As h_j takes no row after the jth, another
 * row adds a line to S and changes nothing in it.
 */
export class SubsetFactor {
  readonly #squared: Float64Array;
  readonly #n: number;
  readonly #size: number;
  readonly #rows: number[] = [];
  #bound: number;
  /** Line k, from the row with number k on (the first has none): S and its factor, at columns 1 … k. */
  readonly #products: Float64Array;
  readonly #factor: Float64Array;
  /** Line k: for each of the first k rows the sum of its −½ D over them. */
  readonly #sums: Float64Array;
  readonly #image: Float64Array;

  /** For at most `size` of n rows, whose n × n squared distances are given. */
  constructor(squared: Float64Array, n: number, size: number, bound: number) {
    this.#squared = squared;
    this.#n = n;
    this.#size = size;
    this.#bound = bound;
    this.#products = new Float64Array(size * size);
    this.#factor = new Float64Array(size * size);
    this.#sums = new Float64Array((size + 1) * size);
    this.#image = new Float64Array(size);
  }

  get rows(): readonly number[] {
    return this.#rows;
  }

  /** Adds a row unless the greatest eigenvalue is then no longer below the bound. */
  add(row: number): void {
    const k = this.#rows.length;
    this.#measure(row, k);
    if (k === 0 || this.#factorise(k)) this.#rows.push(row);
  }

  /** Takes the last row out and returns it; undefined when there is none. */
  drop(): number | undefined {
    return this.#rows.pop();
  }

  /** Lowers the bound, and drops the last row and others until the greatest eigenvalue is below it. Returns the first one dropped. */
  narrow(bound: number): number {
    this.#bound = bound;
    let kept = 1;
    while (kept < this.#rows.length - 1 && this.#factorise(kept)) kept++;
    const [first = 0] = this.#rows.splice(kept);
    return first;
  }

  /** Line k of S and the sums of the first k + 1 rows, the last of them being this one. */
  #measure(row: number, k: number): void {
    const size = this.#size;
    const image = this.#image;
    const before = k * size;
    const after = before + size;
    const scale = k === 0 ? 1 : 1 / Math.sqrt(k * (k + 1));
    let own = 0;
    for (const [i, other] of this.#rows.entries()) {
      const product = -0.5 * (this.#squared[other * this.#n + row] as number);
      const sum = this.#sums[before + i] as number;
      image[i] = scale * (sum - k * product);
      this.#sums[after + i] = sum + product;
      own += product;
    }
    this.#sums[after + k] = own;
    image[k] = scale * own;
    let sum = 0;
    for (let j = 1; j <= k; j++) {
      sum += image[j - 1] as number;
      this.#products[before + j - 1] = (sum - j * (image[j] as number)) / Math.sqrt(j * (j + 1));
    }
  }

  /** Line k of the factor; false when it has none. */
  #factorise(k: number): boolean {
    const size = this.#size;
    const factor = this.#factor;
    const line = k * size;
    let pivot = this.#bound - (this.#products[line + k - 1] as number);
    for (let j = 1; j < k; j++) {
      let value = -(this.#products[line + j - 1] as number);
      const other = j * size;
      for (let l = 0; l < j - 1; l++) value -= (factor[line + l] as number) * (factor[other + l] as number);
      value /= factor[other + j - 1] as number;
      factor[line + j - 1] = value;
      pivot -= value * value;
    }
    if (!(pivot > 0)) return false;
    factor[line + k - 1] = Math.sqrt(pivot);
    return true;
  }
}
