import type { Attack, AttackShape } from '../attacks/attack.js';
import { ATTACKS } from '../attacks/registry.js';
import { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf, f32, u32, type Address, type Region, type RegionRequests, type Regions } from '../memory/regions.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { scheduledParameters } from '../scenario/parameters.js';
import { BESIDE } from '../scenario/registries.js';
import { duringRound, ScheduleError } from '../scenario/schedule.js';
import { byzantineWorkers } from './byzantine.js';

/** Corrupted workers that behave: their rows stay where they are, and nothing is crafted. */
export const NO_ATTACK = 'none';

/** The attack of a run with its memory: what the phase *craft* needs. */
export interface CraftPlan {
  readonly attack: Attack;
  readonly shape: AttackShape;
  readonly seed: number;
  /** Its parameters at a round, expressions evaluated. */
  readonly given: (round: number) => object;
  /** Crafts outside the attack's precondition too. */
  readonly allowUnsafe: boolean;
  /** Active in rounds start … stop − 1. */
  readonly start: number;
  readonly stop: number;
  readonly byzantine: readonly number[];
  readonly honest: readonly number[];
  readonly memory: Regions<RegionRequests>;
  /** Row table of what the attack sees. */
  readonly seen: Region<'u32'>;
  /** One crafted row, or one for each liar when they differ, `rowStride` float32 apart; none without an attack. */
  readonly crafted: Region<'f32'>;
  readonly rowStride: number;
}

export function planCraft(plan: ArenaPlan, configuration: RunConfiguration, d: number, rowStride: number): CraftPlan {
  const attack = ATTACKS.get(configuration.attack.name);
  const { start = 0, stop = Infinity } = configuration.attack;
  const n = configuration.workers;
  const byzantine = byzantineWorkers(configuration);
  const liars = new Set(byzantine);
  const shape: AttackShape = { n, f: byzantine.length, d };
  const scheduled = scheduledParameters(attack, configuration.attack, { path: 'attack', beside: BESIDE.attack });
  const given = (round: number): object => scheduled({ t: round, n, f: shape.f });
  const resolved = attack.resolve(given(start), shape);
  const rows = attack.name === NO_ATTACK ? 0 : attack.shared(resolved) ? 1 : byzantine.length;
  return {
    attack,
    shape,
    seed: configuration.seed,
    given,
    allowUnsafe: configuration.allowUnsafe,
    start,
    stop,
    byzantine,
    honest: Array.from({ length: n }, (_, worker) => worker).filter((worker) => !liars.has(worker)),
    memory: plan.addAll('attack', attack.memory(shape, resolved)),
    ...plan.addAll('craft', { seen: u32(n), crafted: f32(rows * rowStride) }),
    rowStride,
  };
}

export function attackIsActive({ attack, byzantine, start, stop }: CraftPlan, round: number): boolean {
  return attack.name !== NO_ATTACK && byzantine.length > 0 && round >= start && round < stop;
}

/**
 * Crafts what the Byzantine workers report and returns where each of their rows now lies. The attack is handed the rows that its knowledge
 * lets it see and no others, and writes beside the gradient matrix: so no lie feeds on another, and none is copied. Liars with the same
 * lie share one row, which a rule then reads from the cache. Throws a ScheduleError when the attack's expressions give something
 * that can't be in this round.
 */
export function* craft(plan: CraftPlan, arena: Arena, row: (worker: number) => Address, round: number): Work<ReadonlyMap<number, Address>> {
  const { attack, shape, byzantine } = plan;
  const parameters = parametersAt(plan, round);
  const shared = attack.shared(parameters);
  const knowledge = attack.knowledge(parameters);

  const reported = new Map<number, Address>();
  for (const [index, worker] of byzantine.entries()) {
    const output = addressOf(plan.crafted, shared ? 0 : index * plan.rowStride);
    reported.set(worker, output);
    if (shared && index > 0) continue;
    const seen = { own: [worker], colluding: byzantine, omniscient: plan.honest }[knowledge];
    const rows = seen.map(row);
    arena.view(plan.seen).set(rows);
    yield* attack.craft({
      ...shape,
      table: plan.seen.address,
      rows,
      parameters,
      memory: plan.memory,
      output,
      worker,
      arena,
      random: new Stream(plan.seed, 'attack', worker, round),
      round,
    });
  }
  return reported;
}

function parametersAt({ attack, shape, given, allowUnsafe }: CraftPlan, round: number): object {
  const parameters = duringRound(round, () => attack.resolve(given(round), shape));
  const problem = attack.check(shape, parameters);
  if (problem !== undefined && !allowUnsafe) throw new ScheduleError(round, `attack: ${problem}`);
  return parameters;
}
