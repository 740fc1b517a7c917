import { REPLACEMENTS, honestRows, withReplaced } from './rows.js';
import { type Call, type Memory, type Outcome, sameBits, type Size, type Subject } from './subject.js';

/*
 * What must hold whatever f of the rows are. Each function gives the first thing that is wrong, in words, or nothing; they throw what
 * the subject throws.
 */

/** For figures of the size of the honest rows': a result in float32 from a mean of up to 101 rows, as in `equivariance.ts`. */
const ROUNDING = 1e-5;

/** Rounds in a row for a rule with a memory: what was taken in stays, and must not come out later. */
const ROUNDS = 4;

export interface HostileFindings {
  /** The result is finite. */
  readonly finite: string | undefined;
  /** It lies where the claim `within` says. */
  readonly within: string | undefined;
  /** It is as near to the honest mean as κ says. */
  readonly robustness: string | undefined;
  /** The weights are there where claimed, one a row, and make the aggregate. */
  readonly weights: string | undefined;
  /** The greatest number of tasks that a call took. */
  readonly steps: number;
}

/** f rows replaced by each of REPLACEMENTS, beginning with the first worker and with the second. */
export function findHostile(subject: Subject, size: Size): HostileFindings {
  const found: Partial<Record<'finite' | 'within' | 'robustness' | 'weights', string | undefined>> = {};
  let steps = 0;
  for (const [what, replacement] of Object.entries(REPLACEMENTS)) {
    for (const first of size.f === 0 ? [0] : [0, 1]) {
      let memory: Memory = {};
      for (let round = 0; round < ROUNDS; round++) {
        const input = withReplaced(honestRows(size, 10 + round), size.f, first, replacement);
        const outcome = subject.run({ rows: input.rows, f: size.f, round, memory });
        steps = Math.max(steps, outcome.steps);
        const where = `${size.f} rows of ${what}, n = ${size.n}, round ${round}`;
        const say = (problem: string | undefined): string | undefined => problem && `${where}: ${problem}`;
        found.finite ??= say(notFinite(outcome));
        found.within ??= say(outside(subject, size, outcome, input));
        if (found.finite === undefined) found.robustness ??= say(tooFar(subject, size, outcome, input.honest));
        if (round === 0) found.weights ??= say(wrongWeights(subject, outcome, input.rows));
        memory = outcome.memory;
        if (Object.keys(memory).length === 0) break;
      }
    }
  }
  return { finite: found.finite, within: found.within, robustness: found.robustness, weights: found.weights, steps };
}

function notFinite({ rows }: Outcome): string | undefined {
  return rows.every((row) => row.every(Number.isFinite)) ? undefined : 'the result is not finite';
}

interface Input {
  readonly rows: readonly Float32Array[];
  readonly honest: readonly Float32Array[];
}

function outside(subject: Subject, { n, f }: Size, outcome: Outcome, { rows, honest }: Input): string | undefined {
  const { within } = subject.claims;
  const majority = 2 * f < n;
  switch (within) {
    case 'honest values':
      return majority && !outcome.rows.every((row) => isBetween(row, honest)) ? 'a coordinate lies beyond all honest ones' : undefined;
    case 'all values':
      return outcome.rows.every((row) => isBetween(row, rows.filter((given) => given.every(Number.isFinite)))) ? undefined : 'a coordinate lies beyond those of all rows';
    case 'honest norm': {
      const longest = Math.max(...honest.map(norm)) * (1 + ROUNDING);
      return majority && outcome.rows.some((row) => !(norm(row) <= longest)) ? 'it is longer than every honest row' : undefined;
    }
    case 'a row':
      return outcome.rows.every((row) => rows.some((given) => sameBits(row, given))) ? undefined : 'it is none of the rows';
    case 'signs':
      return outcome.rows.every((row) => row.every((value) => value === 0 || Math.abs(value) === 1)) ? undefined : 'a coordinate is none of 1, 0 and −1';
    default:
      return undefined;
  }
}

function isBetween(result: Float32Array, rows: readonly Float32Array[]): boolean {
  return result.every((value, k) => {
    const values = rows.map((row) => row[k] as number);
    const [least, greatest] = [Math.min(...values), Math.max(...values)];
    const rounding = ROUNDING * Math.max(Math.abs(least), Math.abs(greatest));
    return value >= least - rounding && value <= greatest + rounding;
  });
}

/** ‖F − μ‖² ≤ κ · variance, where μ and the variance are those of the n − f honest rows, in float64. */
function tooFar(subject: Subject, size: Size, { rows: [result] }: Outcome, honest: readonly Float32Array[]): string | undefined {
  const kappa = subject.robustness(size);
  if (kappa === undefined || result === undefined) return undefined;
  const mean = Array.from(result, (_, k) => honest.reduce((sum, row) => sum + (row[k] as number), 0) / honest.length);
  const squaredDistance = (row: Float32Array): number => mean.reduce((sum, value, k) => sum + ((row[k] as number) - value) * ((row[k] as number) - value), 0);
  const variance = honest.reduce((sum, row) => sum + squaredDistance(row), 0) / honest.length;
  const rounding = ROUNDING * Math.max(...honest.map(norm));
  const [distance, limit] = [Math.sqrt(squaredDistance(result)), Math.sqrt(kappa * variance)];
  return distance <= limit + rounding ? undefined : `‖F − μ‖ = ${distance}, and √(κ · variance) = ${limit}`;
}

function wrongWeights(subject: Subject, { rows: [result], weights }: Outcome, rows: readonly Float32Array[]): string | undefined {
  const claimed = subject.claims.weights;
  if (claimed === undefined || result === undefined) return undefined;
  if ((weights === undefined) !== (claimed === 'none')) return weights === undefined ? 'no weights came' : 'weights came where none are claimed';
  if (weights === undefined) return undefined;
  if (weights.length !== rows.length || !weights.every((weight) => weight >= 0 && Number.isFinite(weight))) return 'the weights are not one number of at least 0 a row';
  const removed = rows.findIndex((row, index) => !row.every(Number.isFinite) && weights[index] !== 0);
  if (removed !== -1) return `row ${removed} is not finite and has a weight`;
  if (claimed === 'shares') return undefined;
  const finite = rows.flatMap((row, index) => (row.every(Number.isFinite) ? [{ row, weight: weights[index] as number }] : []));
  const made = result.every((value, k) => {
    const parts = finite.map(({ row, weight }) => weight * (row[k] as number));
    // Parts as large as 1e20 · 1/n leave rounding of their own size.
    const rounding = ROUNDING * Math.max(...parts.map(Math.abs), 1);
    return Math.abs(parts.reduce((sum, part) => sum + part, 0) - value) <= rounding;
  });
  return made ? undefined : 'Σ weight · row is not the aggregate';
}

/** Wide enough for several chunks of coordinates (lib/kernels/operations.ts), the last of which is short. */
const WIDE = 2 * 4096 + 100;

/**
 * The same bits whichever chunk of a task is done first, and again: what threads that race each other make of it. (The pool itself is in
 * test/conformance and test/training/determinism.) The rows are normal with f replaced by far ones.
 */
export function findBits(subject: Subject, sizes: readonly Size[]): string | undefined {
  const size = sizes.map((one) => ({ ...one, d: WIDE })).find((one) => one.n > 1 && one.n < 20 && subject.refusal(one) === undefined);
  if (size === undefined) return undefined;
  const { rows } = withReplaced(honestRows(size, 7), size.f, 0, (row) => row.map((value) => 100 * value));
  const results = ORDERS.map((order) => subject.run({ rows, f: size.f, ...order }).rows);
  const differs = results.findIndex((result) => !result.every((row, index) => sameBits(row, (results[0] as readonly Float32Array[])[index] as Float32Array)));
  return differs === -1 ? undefined : `n = ${size.n}, d = ${size.d}: other bits ${differs === 1 ? 'the second time' : 'when chunks are done in another order'}`;
}

const ORDERS: readonly Pick<Call, 'order'>[] = [
  {},
  {},
  { order: (chunks) => Array.from({ length: chunks }, (_, chunk) => chunks - 1 - chunk) },
  { order: (chunks) => [1, 0].flatMap((odd) => Array.from({ length: chunks }, (_, chunk) => chunk).filter((chunk) => chunk % 2 === odd)) },
];

function norm(row: Float32Array): number {
  return Math.sqrt(row.reduce((sum, value) => sum + value * value, 0));
}
