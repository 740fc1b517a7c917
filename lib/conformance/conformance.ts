import { EQUIVARIANCES, type EquivarianceClaim, observe } from './equivariance.js';
import { findBits, findHostile } from './hostile.js';
import { SIZES } from './rows.js';
import { ChangedRowError, type Size, StepLimitError, type Subject } from './subject.js';

/** How one property of a subject came out. */
export interface Verdict {
  readonly property: Property;
  /** `observed`: nothing was claimed, so nothing can fail. */
  readonly outcome: 'passed' | 'failed' | 'observed';
  /** What is so, in a word or two. */
  readonly finding: string;
  /** What was expected and what came, for a failure; where the counterexample is, for what is said not to hold. */
  readonly detail?: string;
}

export type Property = EquivarianceClaim['name'] | 'finite' | 'within' | 'κ' | 'weights' | 'rows unchanged' | 'steps' | 'same bits';

/** What came of one subject. */
export interface Conformity {
  readonly kind: Subject['kind'];
  readonly label: string;
  readonly passed: boolean;
  readonly verdicts: readonly Verdict[];
  /** Sizes that the subject refuses by its own precondition, with its words. */
  readonly refused: readonly { readonly n: number; readonly f: number; readonly because: string }[];
  /** Sizes beyond those that it claims to be practical for. */
  readonly notTried: readonly { readonly n: number; readonly f: number }[];
  /** The greatest number of tasks that a call took. */
  readonly steps: number;
}

/** Holds a subject to all properties at all sizes. `before` hears what is about to be tried. Throws nothing that the subject throws. */
export function examine(subject: Subject, before: (what: string) => void = () => undefined): Conformity {
  const practical = SIZES.filter(({ n }) => n <= (subject.claims.greatestN ?? Infinity));
  const refused = practical.flatMap((size) => {
    before(`n = ${size.n}, f = ${size.f}: does it run?`);
    const because = subject.refusal(size);
    return because === undefined ? [] : [{ n: size.n, f: size.f, because }];
  });
  const sizes = practical.filter(({ n }) => !refused.some((size) => size.n === n));
  const examination = new Examination(subject, sizes, before);
  const verdicts = sizes.length === 0 ? [{ property: 'finite' as const, outcome: 'failed' as const, finding: 'never runs', detail: 'it refuses every (n, f) that is tried' }] : examination.verdicts();
  return {
    kind: subject.kind,
    label: subject.label,
    passed: verdicts.every(({ outcome }) => outcome !== 'failed'),
    verdicts,
    refused,
    notTried: SIZES.filter((size) => !practical.includes(size)).map(({ n, f }) => ({ n, f })),
    steps: examination.steps,
  };
}

class Examination {
  steps = 0;
  readonly #subject: Subject;
  readonly #sizes: readonly Size[];
  readonly #before: (what: string) => void;
  /** What a call threw, by the property that it is about. */
  readonly #thrown = new Map<Property, string>();

  constructor(subject: Subject, sizes: readonly Size[], before: (what: string) => void) {
    this.#subject = subject;
    this.#sizes = sizes;
    this.#before = before;
  }

  verdicts(): Verdict[] {
    const equivariances = EQUIVARIANCES.map((claim) => this.#equivariance(claim));
    const hostile = this.#hostile();
    const bits = this.#attempt('same bits', 'are the bits the same again?', () => findBits(this.#subject, this.#sizes));
    return [
      ...equivariances,
      ...hostile,
      this.#verdict('rows unchanged', undefined, 'yes'),
      this.#verdict('steps', undefined, 'bounded'),
      this.#verdict('same bits', bits, 'yes'),
    ];
  }

  #equivariance(claim: EquivarianceClaim): Verdict {
    const { name } = claim;
    const observations = this.#sizes.flatMap((size) => this.#attempt(name, `${name}, n = ${size.n}, f = ${size.f}`, () => observe(claim, this.#subject, size)) ?? []);
    const broken = observations.find((one) => one.broken !== undefined)?.broken;
    const refutation = observations.find(({ refuted }) => refuted)?.broken;
    const tried = observations.some(({ trials }) => trials > 0);
    const claimed = claim.claimed(this.#subject.claims);
    const because = (detail: string | undefined): { detail?: string } => (detail === undefined ? {} : { detail });
    if (!tried && !this.#thrown.has(name)) return { property: name, outcome: 'observed', finding: '–' };
    if (claimed === undefined && !this.#thrown.has(name)) return { property: name, outcome: 'observed', finding: broken === undefined ? 'yes' : 'no', ...because(broken) };
    if (claimed !== false) return this.#verdict(name, broken && `it is claimed to hold, and does not: ${broken}`, 'yes');
    if (refutation === undefined) return this.#verdict(name, 'it is claimed not to hold, and no counterexample was found', 'no');
    return { ...because(refutation), ...this.#verdict(name, undefined, 'no') };
  }

  #hostile(): Verdict[] {
    const findings = this.#sizes.flatMap((size) => this.#attempt('finite', `f rows of anything, n = ${size.n}, f = ${size.f}`, () => findHostile(this.#subject, size)) ?? []);
    this.steps = Math.max(0, ...findings.map(({ steps }) => steps));
    const { claims } = this.#subject;
    const first = (key: 'finite' | 'within' | 'robustness' | 'weights'): string | undefined => findings.map((one) => one[key]).find((problem) => problem !== undefined);
    const proven = this.#sizes.some((size) => this.#subject.robustness(size) !== undefined);
    return [
      this.#verdict('finite', first('finite'), 'yes'),
      this.#verdict('within', first('within'), claims.within ?? 'nothing claimed'),
      this.#verdict('κ', first('robustness'), proven ? 'holds' : '–'),
      this.#verdict('weights', first('weights'), claims.weights ?? '–'),
    ];
  }

  #verdict(property: Property, problem: string | undefined, finding: string): Verdict {
    const detail = this.#thrown.get(property) ?? problem;
    return detail === undefined ? { property, outcome: 'passed', finding } : { property, outcome: 'failed', finding: 'FAILS', detail };
  }

  /** What a check finds; what it throws is kept for the property that the error is about. */
  #attempt<Found>(property: Property, what: string, check: () => Found): Found | undefined {
    this.#before(what);
    try {
      return check();
    } catch (error) {
      const about = error instanceof ChangedRowError ? 'rows unchanged' : error instanceof StepLimitError ? 'steps' : property;
      if (!this.#thrown.has(about)) this.#thrown.set(about, `${what}: ${error instanceof Error ? `${error.name}: ${error.message}` : String(error)}`);
      return undefined;
    }
  }
}
