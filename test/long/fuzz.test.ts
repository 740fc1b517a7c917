import t from 'tap';
import { registeredSubjects } from '../../lib/conformance/registered.js';
import type { Memory, Subject } from '../../lib/conformance/subject.js';
import { Stream } from '../../lib/data/random.js';

const CALLS = 100_000;
/** FUZZ_SEED=… repeats a run; each failure names the call, which depends on its number and this alone. */
const SEED = Number(process.env['FUZZ_SEED'] ?? Date.now() % 2 ** 31);

/** Sizes of values that Byzantine rows have: from denormals to the edge of float32. */
const EXTREMES = [0, -0, 1e-45, -1e-38, 1e-20, 1, -1e3, 1e20, -1e20, 3e38, -3e38];

interface FuzzedCall {
  readonly n: number;
  readonly f: number;
  readonly rows: readonly Float32Array[];
}

/** n rows, f of them of any kind: extremes, mixtures of them, copies, NaN and infinities. Honest rows are normal, of one size from 1e-30 to 1e15. */
function fuzzed(random: Stream): FuzzedCall {
  const f = random.below(6);
  const n = Math.max(1, random.below(2) === 0 ? 2 * f + random.below(8) : 4 * f + 3 + random.below(12));
  const d = 1 + random.below(random.below(4) === 0 ? 300 : 40);
  const size = Number(`1e${random.below(46) - 30}`);
  const honest = Array.from({ length: n }, () => Float32Array.from({ length: d }, () => size * random.normal()));
  const extreme = (): number => EXTREMES[random.below(EXTREMES.length)]!;
  const byzantine = (): Float32Array => {
    const kind = random.below(6);
    const value = extreme();
    if (kind === 0) return new Float32Array(d).fill(value);
    if (kind === 1) return Float32Array.from({ length: d }, extreme);
    if (kind === 2) return honest[random.below(n)]!.slice();
    if (kind === 3) return honest[random.below(n)]!.map((one) => -10 * one);
    if (kind === 4) return honest[random.below(n)]!.with(random.below(d), [NaN, Infinity, -Infinity][random.below(3)]!);
    return honest[random.below(n)]!.with(random.below(d), value);
  };
  const which = new Set(random.shuffle(Array.from({ length: n }, (_, row) => row)).slice(0, f));
  return { n, f: Math.min(f, n), rows: honest.map((row, number) => (which.has(number) ? byzantine() : row)) };
}

/** What is wrong with how the subject takes the call; `refused` when its precondition doesn't allow it. */
function faultOf(subject: Subject, { n, f, rows }: FuzzedCall): string | undefined {
  if (subject.refusal({ n, f, d: rows[0]!.length }) !== undefined) return 'refused';
  const before = rows.map((row) => row.slice());
  let memory: Memory = {};
  for (let round = 0; round < 2; round++) {
    try {
      const outcome = subject.run({ rows, f, round, memory });
      if (!outcome.rows.every((row) => row.every(Number.isFinite))) return 'not finite';
      memory = outcome.memory;
    } catch (error) {
      // All rows gone is the caller's business, and is said.
      if ((error as Error).name === 'NonFiniteRowsError' && rows.every((row) => !row.every(Number.isFinite))) return 'refused';
      return String(error);
    }
    if (!rows.every((row, index) => Buffer.from(row.buffer).equals(Buffer.from(before[index]!.buffer)))) return 'changed its rows';
    if (Object.keys(memory).length === 0) break;
  }
  return undefined;
}

t.test('a hundred thousand calls with anything in up to f rows: a finite result, the rows unchanged, and an end', { timeout: 3_000_000 }, async (t) => {
  t.comment(`FUZZ_SEED=${SEED}`);
  const subjects = registeredSubjects();
  const ran = new Map<string, number>();
  const faults: string[] = [];
  for (let call = 0, total = 0; total < CALLS; call++) {
    const subject = subjects[call % subjects.length]!;
    const fault = faultOf(subject, fuzzed(new Stream(SEED, 'attack', call)));
    if (fault === 'refused') continue;
    total += 1;
    ran.set(subject.label, (ran.get(subject.label) ?? 0) + 1);
    if (fault !== undefined) faults.push(`call ${call}, ${subject.label}: ${fault}`);
  }
  t.equal(faults.length, 0, `FUZZ_SEED=${SEED}\n${faults.slice(0, 20).join('\n')}`);
  for (const { label } of subjects) t.ok((ran.get(label) ?? 0) > CALLS / subjects.length / 4, `${label}: ${ran.get(label) ?? 0} calls`);
});
