import { forensics } from '../../kernels/work.js';
import type { Address } from '../../memory/regions.js';
import { forensicsOf, NO_FORENSICS } from '../../metrics/forensics.js';
import { areFinite, type PreparedRun } from '../prepared-run.js';
import { Lies, type LiePlan } from './lies.js';

/** A row as the server gets it: the worker's own, or its lie. */
interface Sent {
  readonly row: Address;
  readonly finite: boolean;
  readonly attacked: boolean;
}

/** What every worker has sent last: what lies go by, and what records say of the honest ones. */
export class Deliveries {
  readonly #prepared: PreparedRun;
  readonly #honest: readonly number[];
  readonly #lies: Lies;
  /** Of each worker: its last row of its own, that row's loss, and how many it has sent. */
  readonly #rows: (Address | undefined)[];
  readonly #losses: number[];
  readonly #sent: number[];

  constructor(prepared: PreparedRun, lies: LiePlan) {
    const { workers } = prepared.configuration;
    this.#prepared = prepared;
    this.#honest = lies.honest;
    this.#lies = new Lies(lies, prepared.arena);
    this.#rows = new Array<Address | undefined>(workers).fill(undefined);
    this.#losses = new Array<number>(workers).fill(Number.NaN);
    this.#sent = new Array<number>(workers).fill(0);
  }

  /** Does this worker send nothing any more? */
  isSilent(worker: number, round: number): boolean {
    return this.#lies.silent(worker, round);
  }

  /** The worker sends what it has, or lies. `own`: d float32 that stay as they are until its next row; `finite` where that is known; `loss` of its batch. */
  async send(worker: number, own: { readonly row: Address; readonly finite?: boolean; readonly loss: number }, round: number): Promise<Sent> {
    const { run } = this.#prepared;
    const attacked = this.#lies.active(worker, round);
    const sent = this.#sent[worker] as number;
    const row = attacked ? await run.perform(this.#lies.craft(worker, own.row, this.#rows, round, sent)) : own.row;
    const finite = row === own.row && own.finite !== undefined ? own.finite : await areFinite(this.#prepared, row);
    this.#rows[worker] = own.row;
    this.#losses[worker] = own.loss;
    this.#sent[worker] = sent + 1;
    return { row, finite, attacked };
  }

  /** The mean of the honest workers' last losses, of those that have sent anything; NaN before. */
  trainLoss(): number {
    const losses = this.#honest.map((worker) => this.#losses[worker] as number).filter((loss) => !Number.isNaN(loss));
    return losses.reduce((sum, loss) => sum + loss, 0) / losses.length;
  }

  /** What the server steps with, d float32, against the honest workers' last rows. */
  async forensics(aggregate: Address): Promise<ReturnType<typeof forensicsOf>> {
    const { layout: { honestTable, forensics: partials, d }, arena, run } = this.#prepared;
    const rows = this.#honest.flatMap((worker) => this.#rows[worker] ?? []);
    if (rows.length === 0) return NO_FORENSICS;
    arena.view(honestTable).set(rows);
    return forensicsOf(await run.perform(forensics(arena, { table: honestTable.address, n: rows.length, d }, aggregate, partials)), d);
  }
}
