import { actsOnData } from '../../lib/attacks/attack.js';
import { AGGREGATORS } from '../../lib/aggregators/registry.js';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { small, type Outcome, runAll } from './small.js';

/** What an entry may declare that it needs of a scenario; entries that need nothing declare nothing. */
interface Needs {
  readonly name: string;
  /** A rule: it needs a server with samples of its own. */
  readonly needs?: unknown;
  /** An attack: it runs the rule itself, and may refuse one that doesn't tell it enough. */
  readonly needsPipeline?: unknown;
  readonly example?: object;
}

export interface Pair {
  readonly rule: string;
  readonly attack: string;
  /** Why the pair is refused; undefined when it runs. */
  readonly refused?: string;
}

/** All attacks but those on when rows are sent, which synchronous rounds have no time for. */
export const SYNCHRONOUS_ATTACKS: readonly string[] = [...ATTACKS].filter((attack) => actsOnData(attack) || attack.timing === undefined).map(({ name }) => name);

/** Every registered rule under each of them. */
export function allPairs(): Pair[] {
  return AGGREGATORS.names.flatMap((rule) => SYNCHRONOUS_ATTACKS.map((attack) => ({ rule, attack })));
}

/**
 * A small network that learns the digits in twenty rounds. The result of sign-majority has coordinates of 1, whatever the gradients are: its
 * step is the learning rate itself.
 */
const LEARNING = { batchSize: 64, rounds: 20, evaluateEvery: 20, learningRate: 0.2 };
const OWN_STEP: Readonly<Record<string, number>> = { 'sign-majority': 0.005 };

/** MoNNA trusts its pivot. Worker 0, its default, is Byzantine here. */
const OWN_PARAMETERS: Readonly<Record<string, object>> = { monna: { pivot: 12 } };

/** The run of a pair. Throws what refuses it. */
export function configurationOf({ rule, attack }: Pair) {
  const aggregator: Needs = AGGREGATORS.get(rule);
  const attacker: Needs = ATTACKS.get(attack);
  return small({
    ...LEARNING,
    learningRate: OWN_STEP[rule] ?? LEARNING.learningRate,
    aggregator: { name: rule, ...aggregator.example, ...OWN_PARAMETERS[rule] },
    attack: { name: attack, ...attacker.example },
    ...(aggregator.needs === undefined ? {} : { server: { samples: 100 } }),
  });
}

/** Runs pairs on one pool; a pair that is refused says why, which only an attack that runs the rule itself may be. */
export async function train(pairs: readonly Pair[], threads: number): Promise<{ readonly pair: Pair; readonly outcome: Outcome | undefined }[]> {
  const checked = pairs.map((pair) => {
    try {
      return { pair, configuration: configurationOf(pair) };
    } catch (error) {
      const attacker: Needs = ATTACKS.get(pair.attack);
      if (attacker.needsPipeline === undefined) throw error;
      return { pair: { ...pair, refused: (error as Error).message }, configuration: undefined };
    }
  });
  const outcomes = await runAll(checked.flatMap(({ configuration }) => configuration ?? []), threads);
  let next = 0;
  return checked.map(({ pair, configuration }) => ({ pair, outcome: configuration === undefined ? undefined : outcomes[next++] }));
}

/** What is wrong with how a pair came out; undefined when nothing. */
export function faultOf({ rule, attack }: Pair, { result, records }: Outcome): string | undefined {
  const expected = DIVERGES.has(`${rule}, ${attack}`) ? 'diverged' : 'completed';
  if (result.status !== expected) return `${result.status}: ${result.reason ?? ''}`;
  const [first] = records;
  if (attack === 'none' && !(result.finalLoss <= (first?.trainLoss ?? NaN) / 2)) return `the loss fell from ${first?.trainLoss ?? NaN} to ${result.finalLoss} only`;
  return undefined;
}

/**
 * Who follows rows that grow without bound out of all numbers, and that is a result: the mean, which defends against nobody; Auror where
 * rows of 1e20 leave all centres equally far apart, so that no coordinate is more than the quantile apart; and rules that weigh a row of
 * which one coordinate is off by anything: DnC in a round whose iterations all leave that coordinate out, and Auror, to which one
 * coordinate of many is nothing.
 */
const DIVERGES: ReadonlySet<string> = new Set(['mean, huge', 'auror, huge', 'mean, lp-coordinate', 'dnc, lp-coordinate', 'auror, lp-coordinate']);
