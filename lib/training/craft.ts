import type { Attack, AttackShape } from '../attacks/attack.js';
import { ATTACKS } from '../attacks/registry.js';
import { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import { copyToRows } from '../kernels/work.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf, f32, u32, type Address, type Region, type RegionRequests, type Regions } from '../memory/regions.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { scheduledParameters } from '../scenario/parameters.js';
import { BESIDE } from '../scenario/registries.js';
import { duringRound, ScheduleError } from '../scenario/schedule.js';
import { byzantineWorkers } from './byzantine.js';

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
  /** Row table of where a crafted row goes. */
  readonly targets: Region<'u32'>;
  /** One crafted row, or one for each liar when they differ. */
  readonly crafted: Region<'f32'>;
}

export function planCraft(plan: ArenaPlan, configuration: RunConfiguration, d: number): CraftPlan {
  const attack = ATTACKS.get(configuration.attack.name);
  const { start = 0, stop = Infinity } = configuration.attack;
  const n = configuration.workers;
  const byzantine = byzantineWorkers(configuration);
  const liars = new Set(byzantine);
  const shape: AttackShape = { n, f: byzantine.length, d };
  const scheduled = scheduledParameters(attack, configuration.attack, { path: 'attack', beside: BESIDE.attack });
  const given = (round: number): object => scheduled({ t: round, n, f: shape.f });
  const resolved = attack.resolve(given(start), shape);
  const rows = attack.shared(resolved) ? 1 : byzantine.length;
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
    ...plan.addAll('craft', { seen: u32(n), targets: u32(byzantine.length), crafted: f32(rows * d) }),
  };
}

export function attackIsActive({ attack, byzantine, start, stop }: CraftPlan, round: number): boolean {
  return attack.name !== 'none' && byzantine.length > 0 && round >= start && round < stop;
}

/**
 * Overwrites the Byzantine rows. The attack is handed the rows that its knowledge lets it see and no others, and writes beside
 * the gradient matrix: rows are replaced only when all lies are told, so that no lie feeds on another. Throws a ScheduleError when
 * the attack's expressions give something that can't be in this round.
 */
export function* craft(plan: CraftPlan, arena: Arena, row: (worker: number) => Address, round: number): Work {
  const { attack, shape, byzantine } = plan;
  const parameters = parametersAt(plan, round);
  const shared = attack.shared(parameters);
  const knowledge = attack.knowledge(parameters);
  const { d } = shape;

  const liars = shared ? byzantine.slice(0, 1) : byzantine;
  for (const [index, worker] of liars.entries()) {
    const seen = { own: [worker], colluding: byzantine, omniscient: plan.honest }[knowledge];
    const rows = seen.map(row);
    arena.view(plan.seen).set(rows);
    yield* attack.craft({
      ...shape,
      table: plan.seen.address,
      rows,
      parameters,
      memory: plan.memory,
      output: addressOf(plan.crafted, index * d),
      worker,
      arena,
      random: new Stream(plan.seed, 'attack', worker, round),
      round,
    });
  }
  for (const index of liars.keys()) {
    const targets = (shared ? byzantine : byzantine.slice(index, index + 1)).map(row);
    arena.view(plan.targets).set(targets);
    yield* copyToRows({ table: plan.targets.address, n: targets.length, d }, addressOf(plan.crafted, index * d));
  }
}

function parametersAt({ attack, shape, given, allowUnsafe }: CraftPlan, round: number): object {
  const parameters = duringRound(round, () => attack.resolve(given(round), shape));
  const problem = attack.check(shape, parameters);
  if (problem !== undefined && !allowUnsafe) throw new ScheduleError(round, `attack: ${problem}`);
  return parameters;
}
