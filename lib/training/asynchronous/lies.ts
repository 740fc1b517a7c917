import { actsOnData, type AnyAttack, type Attack, type AttackShape } from '../../attacks/attack.js';
import { ATTACKS } from '../../attacks/registry.js';
import type { Timing } from '../../attacks/timing.js';
import { Stream } from '../../data/random.js';
import { scale } from '../../kernels/work.js';
import type { Work } from '../../kernels/task.js';
import type { Arena, ArenaPlan } from '../../memory/arena.js';
import { addressOf, f32, u32, type Address, type Region, type RegionRequests, type Regions } from '../../memory/regions.js';
import type { Named } from '../../registry/parameters.js';
import type { RunConfiguration } from '../../scenario/configuration.js';
import { scheduledParameters } from '../../scenario/parameters.js';
import { BESIDE } from '../../scenario/registries.js';
import { duringRound } from '../../scenario/schedule.js';
import { byzantineWorkers } from '../byzantine.js';
import { NO_ATTACK } from '../craft.js';

/** What Byzantine workers send in an asynchronous run: their memory, and when they act. */
export interface LiePlan {
  /** The attack on rows: the scenario's, or the one that `flood` sends; undefined when rows are left as they are. */
  readonly attack: Attack | undefined;
  readonly timing: Timing | undefined;
  readonly shape: AttackShape;
  readonly seed: number;
  readonly given: (round: number) => object;
  readonly start: number;
  readonly stop: number;
  readonly byzantine: readonly number[];
  readonly honest: readonly number[];
  readonly memory: Regions<RegionRequests>;
  readonly state: Regions<RegionRequests>;
  readonly seen: Region<'u32'>;
  /** A row for each Byzantine worker, `rowStride` float32 apart. */
  readonly rows: Region<'f32'>;
  readonly rowStride: number;
}

export function planLies(plan: ArenaPlan, configuration: RunConfiguration, d: number, rowStride: number): LiePlan {
  const { workers: n, seed, attack: named } = configuration;
  const byzantine = byzantineWorkers(configuration);
  const corrupted = new Set(byzantine);
  const shape: AttackShape = { n, f: byzantine.length, d };
  const { start = 0, stop = Infinity } = named;
  const outer = ATTACKS.get(named.name);
  const at = (attack: AnyAttack, its: Named, path: string) => {
    const scheduled = scheduledParameters(attack, its, { path, beside: BESIDE.attack });
    return (round: number): object => scheduled({ t: round, n, f: shape.f });
  };
  const timing = actsOnData(outer) ? undefined : outer.timing?.(outer.resolve(at(outer, named, 'attack')(start), shape));
  const lie: Named | undefined = timing === undefined ? named : timing.kind === 'flood' ? timing.lie : undefined;
  const found = lie === undefined || lie.name === NO_ATTACK ? undefined : ATTACKS.get(lie.name, 'attack.lie');
  // A whole run's attack on data leaves rows as they are: the workers' setup has it.
  const attack = found === undefined || actsOnData(found) ? undefined : found;
  const given = attack === undefined || lie === undefined ? () => ({}) : at(attack, lie, timing === undefined ? 'attack' : 'attack.lie');
  return {
    attack,
    timing,
    shape,
    seed,
    given,
    start,
    stop,
    byzantine,
    honest: Array.from({ length: n }, (_, worker) => worker).filter((worker) => !corrupted.has(worker)),
    memory: attack === undefined ? {} : plan.addAll('lie', attack.memory(shape, attack.resolve(given(start), shape))),
    state: attack === undefined ? {} : plan.addAll('lie/state', attack.state?.(shape, attack.resolve(given(start), shape)) ?? {}),
    ...plan.addAll('lies', { seen: u32(n), rows: f32(byzantine.length * rowStride) }),
    rowStride,
  };
}

/** What a run's Byzantine workers do with their own honest rows. */
export class Lies {
  readonly #plan: LiePlan;
  readonly #arena: Arena;
  /** Workers whose old row is kept. */
  readonly #kept = new Set<number>();

  constructor(plan: LiePlan, arena: Arena) {
    this.#plan = plan;
    this.#arena = arena;
  }

  /** Does this worker lie in this round? */
  active(worker: number, round: number): boolean {
    const { byzantine, start, stop, attack, timing } = this.#plan;
    return (attack !== undefined || timing !== undefined) && byzantine.includes(worker) && round >= start && round < stop;
  }

  /** Does it send nothing any more? */
  silent(worker: number, round: number): boolean {
    return this.#plan.timing?.kind === 'silent' && this.active(worker, round);
  }

  /**
   * What a worker that lies sends in place of its own honest row `own`. `delivered`: everybody's last honest row; an attack acts as soon as it sees all rows
   * that its knowledge gives, and until then the worker behaves. `sent`: how many rows it has sent before.
   */
  *craft(worker: number, own: Address, delivered: readonly (Address | undefined)[], round: number, sent: number): Work<Address> {
    const { attack, timing, shape, seed, given, byzantine, honest, memory, state, seen, rows, rowStride } = this.#plan;
    const output = addressOf(rows, byzantine.indexOf(worker) * rowStride);
    if (timing?.kind === 'stale') {
      if (!this.#kept.has(worker)) yield* scale(shape.d, 1, own, output);
      this.#kept.add(worker);
      return output;
    }
    if (attack === undefined) return own;
    const parameters = duringRound(round, () => attack.resolve(given(round), shape));
    const senders = { own: [worker], colluding: byzantine, omniscient: honest }[attack.knowledge(parameters)];
    const seenRows = senders.map((sender) => (sender === worker ? own : delivered[sender]));
    if (!seenRows.every((row) => row !== undefined)) return own;
    this.#arena.view(seen).set(seenRows);
    const input = {
      ...shape, table: seen.address, rows: seenRows, parameters, memory, state, output, worker, arena: this.#arena, random: new Stream(seed, 'attack', worker, sent), round,
    };
    // There is no round in which all of them lie together: each does for itself what they would have in common.
    if (attack.prepare !== undefined) yield* attack.prepare(input);
    yield* attack.craft(input);
    return output;
  }
}
