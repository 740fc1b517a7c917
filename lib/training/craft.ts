import { PreconditionError } from '../aggregators/errors.js';
import type { ServerAccess } from '../aggregators/server-access.js';
import { actsOnData, type AnyAttack, type AttackShape, type Poison } from '../attacks/attack.js';
import type { AttackerTraining, TrainingNeed } from '../attacks/attacker-training.js';
import type { Backdoor, ImageShape } from '../attacks/backdoor.js';
import { ATTACKS } from '../attacks/registry.js';
import { type PipelineTrials, planTrials, type TrialRound } from '../attacks/trials.js';
import { Stream } from '../data/random.js';
import type { Work } from '../kernels/task.js';
import type { Arena, ArenaPlan } from '../memory/arena.js';
import { addressOf, f32, u32, type Address, type Region, type RegionRequests, type Regions } from '../memory/regions.js';
import type { Pipeline } from '../pipeline/pipeline.js';
import type { RunConfiguration } from '../scenario/configuration.js';
import { scheduledParameters } from '../scenario/parameters.js';
import { BESIDE } from '../scenario/registries.js';
import { duringRound, ScheduleError } from '../scenario/schedule.js';
import { byzantineWorkers } from './byzantine.js';

/** Corrupted workers that behave: their rows stay where they are, and nothing is crafted. */
export const NO_ATTACK = 'none';

/** The attack of a run with its memory: what the phase *craft* needs. */
export interface CraftPlan {
  readonly attack: AnyAttack;
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
  /** Present when it acts on the corrupted workers' data: then nothing is crafted. */
  readonly poison: Poison | undefined;
  /** Present when it wants the model to have one, and there are workers to plant it. */
  readonly backdoor: Backdoor | undefined;
  /** Present when it trains a model of its own. */
  readonly training: TrainingNeed | undefined;
  readonly memory: Regions<RegionRequests>;
  readonly state: Regions<RegionRequests>;
  /** Present when it runs the pipeline itself. */
  readonly trials: ((round: TrialRound) => PipelineTrials) | undefined;
  /** Where the defender's rule keeps its state. */
  readonly defender: Pipeline['state'];
  /** Row table of what the attack sees. */
  readonly seen: Region<'u32'>;
  /** One crafted row, or one for each Byzantine worker when they differ, `rowStride` float32 apart; none without an attack. */
  readonly crafted: Region<'f32'>;
  readonly rowStride: number;
}

/** What is known before the memory is drawn up. */
export interface CraftSetting {
  readonly d: number;
  readonly rowStride: number;
  /** Of the data set. */
  readonly images: ImageShape;
  /** Of the run, as the attacker knows it. */
  readonly pipeline: Pipeline | undefined;
}

/** Throws a PreconditionError when the attack can't be made for these parameters and this data set, and as `planPipeline` does. */
export function planCraft(plan: ArenaPlan, configuration: RunConfiguration, { d, rowStride, images, pipeline }: CraftSetting): CraftPlan {
  const attack = ATTACKS.get(configuration.attack.name);
  const { start = 0, stop = Infinity } = configuration.attack;
  const n = configuration.workers;
  const byzantine = byzantineWorkers(configuration);
  const corrupted = new Set(byzantine);
  const shape: AttackShape = { n, f: byzantine.length, d };
  const scheduled = scheduledParameters(attack, configuration.attack, { path: 'attack', beside: BESIDE.attack });
  const given = (round: number): object => scheduled({ t: round, n, f: shape.f });
  const resolved = attack.resolve(given(start), shape);
  // Before it is known how long a row is, not everything can be.
  const problem = shape.f === 0 ? undefined : attack.check(shape, resolved);
  if (problem !== undefined && !configuration.allowUnsafe) throw new PreconditionError(`attack: ${problem}`);
  const crafts = actsOnData(attack) ? undefined : attack;
  const rows = crafts === undefined || attack.name === NO_ATTACK ? 0 : crafts.shared(resolved) ? 1 : byzantine.length;
  const tries = shape.f > 0 && crafts?.needsPipeline?.(resolved) !== undefined;
  return {
    attack,
    shape,
    seed: configuration.seed,
    given,
    allowUnsafe: configuration.allowUnsafe,
    start,
    stop,
    byzantine,
    honest: Array.from({ length: n }, (_, worker) => worker).filter((worker) => !corrupted.has(worker)),
    poison: actsOnData(attack) ? attack.poison(resolved, images.classes) : undefined,
    backdoor: shape.f === 0 ? undefined : attack.backdoor?.(resolved, images),
    training: shape.f === 0 ? undefined : crafts?.training?.(resolved),
    memory: plan.addAll('attack', crafts?.memory(shape, resolved) ?? {}),
    state: plan.addAll('attack/state', crafts?.state?.(shape, resolved) ?? {}),
    trials: tries ? planTrials(plan, 'attack/pipeline', configuration, n, d) : undefined,
    defender: pipeline?.state ?? {},
    ...plan.addAll('craft', { seen: u32(n), crafted: f32(rows * rowStride) }),
    rowStride,
  };
}

export function attackIsActive({ attack, byzantine, start, stop }: CraftPlan, round: number): boolean {
  return attack.name !== NO_ATTACK && byzantine.length > 0 && round >= start && round < stop;
}

/** The workers' own rows of a round. */
export interface OwnRows {
  readonly row: (worker: number) => Address;
  readonly finite: (worker: number) => boolean;
  /** What the defender's rule may ask the server; absent when it has no data. */
  readonly server?: ServerAccess | undefined;
  /** The corrupted workers' data, for an attack that trains. */
  readonly training?: AttackerTraining | undefined;
}

/**
 * Crafts what the Byzantine workers report and returns where each of their rows now lies; no entry means that a worker reports its own. The
 * attack is handed the rows that its knowledge lets it see and no others, and writes beside the gradient matrix: so no lie feeds on
 * another, and none is copied. Workers with the same lie share one row, which a rule then reads from the cache. Throws a ScheduleError
 * when the attack's expressions give something that can't be in this round.
 */
export function* craft(plan: CraftPlan, arena: Arena, own: OwnRows, round: number): Work<ReadonlyMap<number, Address>> {
  const { attack, byzantine } = plan;
  const parameters = parametersAt(plan, round);
  const reported = new Map<number, Address>();
  if (actsOnData(attack)) return reported;

  const input = inputOf(plan, arena, own, round, parameters);
  const shared = attack.shared(parameters);
  for (const [index, worker] of byzantine.entries()) {
    const output = addressOf(plan.crafted, shared ? 0 : index * plan.rowStride);
    reported.set(worker, output);
    if (shared && index > 0) continue;
    const rows = { own: [worker], colluding: byzantine, omniscient: plan.honest }[attack.knowledge(parameters)].map(own.row);
    arena.view(plan.seen).set(rows);
    const ofWorker = { ...input, rows, output, worker, random: new Stream(plan.seed, 'attack', worker, round) };
    if (index === 0 && attack.prepare !== undefined) yield* attack.prepare(ofWorker);
    yield* attack.craft(ofWorker);
  }
  return reported;
}

/** What all Byzantine workers' rows are crafted from. */
function inputOf({ shape, seen, memory, state, trials, defender, byzantine, seed }: CraftPlan, arena: Arena, { row, finite, server, training }: OwnRows, round: number, parameters: object) {
  const workers = Array.from({ length: shape.n }, (_, worker) => worker);
  return {
    ...shape,
    table: seen.address,
    parameters,
    memory,
    state,
    pipeline: trials?.({ arena, rows: workers.map(row), finite: workers.map(finite), byzantine, state: defender, server, seed, round }),
    training,
    arena,
    round,
  };
}

function parametersAt({ attack, shape, given, allowUnsafe }: CraftPlan, round: number): object {
  const parameters = duringRound(round, () => attack.resolve(given(round), shape));
  const problem = attack.check(shape, parameters);
  if (problem !== undefined && !allowUnsafe) throw new ScheduleError(round, `attack: ${problem}`);
  return parameters;
}
