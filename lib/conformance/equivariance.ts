import type { RuleProperties } from '../aggregators/properties.js';
import { honestRows, shuffledNumbers } from './rows.js';
import type { Outcome, Size, Subject } from './subject.js';

type Rows = readonly Float32Array[];

/**
 * Moved, scaled or reordered rows give the same figures but for rounding: a mean of n rows is summed in float32, each addition off by at
 * most 2⁻²⁴ of the sum, n · 2⁻²⁴ = 6e-6 for the 101 rows of the greatest size; the result is rounded once more, and Weiszfeld's steps end
 * at a step of 1e-7. In units of the greatest value of the expected result.
 */
export const TOLERANCE = 1e-5;

/** A counterexample differs by much more than any rounding does. */
const COUNTEREXAMPLE = 100 * TOLERANCE;

const SEEDS = [1, 2, 3];

/** What a claim says, and rows that put it to the test. */
interface Trial {
  readonly what: string;
  readonly given: Rows;
  readonly f: number;
  /** What goes out if the claim holds. */
  readonly expected: () => Rows;
}

export interface EquivarianceClaim {
  readonly name: 'order' | 'translation' | 'positive scale' | 'negative scale' | 'mean at f = 0';
  /** What the subject says; undefined when it says nothing. */
  claimed(claims: Partial<RuleProperties>): boolean | undefined;
  /** No trials where the subject doesn't run. */
  trials(subject: Subject, size: Size): Trial[];
}

export const EQUIVARIANCES: readonly EquivarianceClaim[] = [
  {
    name: 'order',
    claimed: ({ order }) => order,
    trials: transformed('the rows in another order', (rows, seed) => {
      const numbers = shuffledNumbers(rows.length, seed);
      const reorder = (items: Rows): Rows => numbers.map((number) => items[number] as Float32Array);
      // A single row stays; as many rows as came in follow the order; fewer speak for nobody and stay as they are.
      return { given: reorder(rows), expect: (out) => (out.length === rows.length ? reorder(out) : out) };
    }),
  },
  {
    name: 'translation',
    claimed: ({ translation }) => translation,
    trials: transformed('the rows moved', (rows) => {
      const move = (items: Rows): Rows => items.map((row) => row.map((value, k) => value + 3 * (k % 3)));
      return { given: move(rows), expect: move };
    }),
  },
  {
    name: 'positive scale',
    claimed: ({ scale }) => (scale === undefined ? undefined : scale !== 'none'),
    // From rows as small as gradients get to rows so large that every absolute length in a rule is passed.
    trials: (subject, size) => [2 ** -30, 3, 2 ** 20].flatMap((factor) => scaled(factor)(subject, size)),
  },
  {
    name: 'negative scale',
    claimed: ({ scale }) => (scale === undefined || scale === 'none' ? undefined : scale === 'any'),
    // Where not even positive factors hold, nothing is said of others.
    trials: (subject, size) => (subject.claims.scale === 'none' ? [] : [-1, -2].flatMap((factor) => scaled(factor)(subject, size))),
  },
  {
    name: 'mean at f = 0',
    claimed: ({ meanWithoutByzantine }) => meanWithoutByzantine,
    trials(subject, size) {
      const without = { ...size, f: 0 };
      if (subject.refusal(without) !== undefined) return [];
      // Rows of norm 46: beyond the lengths that rules clip to by default.
      const given = honestRows(without, 1).map((row) => row.map((value) => 8 * value));
      return [{ what: 'f = 0', given, f: 0, expected: () => [meanOf(given)] }];
    },
  },
];

/** How a claim fares at one size. */
export interface Observation {
  /** The first trial in which it doesn't hold to the tolerance. */
  readonly broken: string | undefined;
  /** Is one of them a counterexample beyond any rounding? */
  readonly refuted: boolean;
  readonly trials: number;
}

/** Throws what the subject throws. */
export function observe(claim: EquivarianceClaim, subject: Subject, size: Size): Observation {
  let broken: string | undefined;
  let refuted = false;
  const trials = claim.trials(subject, size);
  for (const { what, given, f, expected } of trials) {
    const { rows } = subject.run({ rows: given, f });
    const far = differenceOf(claim.name === 'mean at f = 0' ? [meanOf(rows)] : rows, expected());
    if (far <= TOLERANCE) continue;
    broken ??= `${what}, n = ${size.n}, f = ${f}: off by ${far.toExponential(1)} of the greatest value`;
    refuted ||= far > COUNTEREXAMPLE;
  }
  return { broken, refuted, trials: trials.length };
}

function transformed(what: string, transform: (rows: Rows, seed: number) => { readonly given: Rows; readonly expect: (out: Rows) => Rows }) {
  return (subject: Subject, size: Size): Trial[] =>
    SEEDS.map((seed) => {
      const rows = honestRows(size, seed);
      const { given, expect } = transform(rows, seed);
      return { what, given, f: size.f, expected: () => expect(outputOf(subject.run({ rows, f: size.f }))) };
    });
}

function scaled(factor: number) {
  const scale = (items: Rows): Rows => items.map((row) => row.map((value) => factor * value));
  return transformed(`the rows times ${factor}`, (rows) => ({ given: scale(rows), expect: scale }));
}

function outputOf({ rows }: Outcome): Rows {
  return rows;
}

/** The greatest difference, in units of the greatest expected value; infinite for another number of rows and for a NaN. */
function differenceOf(actual: Rows, expected: Rows): number {
  if (actual.length !== expected.length) return Infinity;
  const scale = Math.max(Number.MIN_VALUE, ...expected.map((row) => row.reduce((most, value) => Math.max(most, Math.abs(value)), 0)));
  let most = 0;
  for (const [index, row] of expected.entries()) {
    for (const [k, value] of row.entries()) {
      const far = Math.abs((actual[index]?.[k] ?? NaN) - value) / scale;
      most = Number.isNaN(far) ? Infinity : Math.max(most, far);
    }
  }
  return most;
}

/** In float64, rounded once. */
export function meanOf(rows: Rows): Float32Array {
  return Float32Array.from(rows[0] as Float32Array, (_, k) => rows.reduce((sum, row) => sum + (row[k] as number), 0) / rows.length);
}
