import { z } from 'zod';
import type { SparseKind } from '../data/sparse/sparse-dataset.js';
import { registry } from '../registry/registry.js';

/**
 * What HOGWILD! minimises: a sum over edges, each of which touches a few blocks of the parameters. The kernels are in
 * lib/kernels/assembly/hogwild, and what is here is what a scenario may say of them.
 */
export interface SparseModel<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly formula: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** The kind of data that it learns from. */
  readonly learns: SparseKind;
  /** Values in a vertex's block. */
  width(given: Given, classes: number): number;
  /** A vertex of degree d is pulled towards 0 by (weight / d) · x in each of its edges. */
  regularization(given: Given): number;
}

const SOURCE = 'Recht, Ré, Wright, Niu, "Hogwild!", NeurIPS 2011, section 2';
const strength = z.number().min(0).max(1e6);

const svmParameters = z.strictObject({ lambda: strength.default(1e-3).describe('weight of the regulariser') });

const linearSvm: SparseModel<z.infer<typeof svmParameters>> = {
  name: 'linear-svm',
  description: 'sparse linear support vector machine, without a bias',
  formula: 'Σ over samples of max(0, 1 − y·zᵀx) + λ·Σ x_u²/d_u over the sample’s features u; d_u: samples that have u',
  source: SOURCE,
  parameters: svmParameters,
  learns: 'classification',
  width: () => 1,
  regularization: ({ lambda }) => 2 * lambda,
};

const factorParameters = z.strictObject({
  rank: z.int().min(1).max(10_000).default(10).describe('columns of the factors L and R'),
  mu: strength.default(1e-3).describe('weight of the regulariser'),
});

const matrixFactorization: SparseModel<z.infer<typeof factorParameters>> = {
  name: 'matrix-factorization',
  description: 'completes a matrix by one of low rank, L·Rᵀ',
  formula: 'Σ over known entries (u, v) of (L_u·R_v − Z_uv)² + μ/(2d_u)·‖L_u‖² + μ/(2d_v)·‖R_v‖²; d: known entries of the row, of the column',
  source: SOURCE,
  parameters: factorParameters,
  learns: 'matrix',
  width: ({ rank }) => rank,
  regularization: ({ mu }) => mu,
};

const cutParameters = z.strictObject({});

const multiwayCut: SparseModel<z.infer<typeof cutParameters>> = {
  name: 'multiway-cut',
  description: 'splits a graph by the least cut between vertices whose class is known',
  formula: 'Σ over arcs (u, v) of w_uv·‖x_u − x_v‖₁, every x_u on the simplex, known ones at their corner',
  source: SOURCE,
  parameters: cutParameters,
  learns: 'graph',
  width: (_given, classes) => classes,
  regularization: () => 0,
};

/** Every model of HOGWILD!, in the order of the catalogue. */
export const SPARSE_MODELS = registry<SparseModel>('model', [linearSvm, matrixFactorization, multiwayCut]);
