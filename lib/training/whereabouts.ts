import { ThreadError } from './thread-error.js';

export type PhaseName = 'gradient' | 'craft' | 'aggregate' | 'update' | 'evaluate' | 'epoch' | 'count';

/** Whose work a chunk is that a thread is on. */
export type WorkerOf = (chunk: number, thread: number) => number | undefined;

/** What a run is at, for the errors that name it. */
export class Whereabouts {
  phase: PhaseName = 'gradient';
  round = 0;
  /** Whose work a chunk of the current phase is; undefined when it is nobody's. */
  workerOf: WorkerOf | undefined;
  /** The user's file whose code the phase runs. */
  code: string | undefined;
  /** Threads that run free are at gradients, whatever the main thread does. */
  free = false;

  /** `chunk`: the one that the thread is on. `advice`: what to do, to go behind where it happened. */
  errorOf(thread: number | 'main' | undefined, chunk: number | undefined, what: string, more: { readonly cause?: unknown; readonly advice?: string } = {}): ThreadError {
    const ofPool = typeof thread === 'number';
    const worker = ofPool && chunk !== undefined ? this.workerOf?.(chunk, thread) : undefined;
    const phase = ofPool && this.free ? 'gradient' : this.phase;
    const where = this.code === undefined || what.includes(this.code) ? '' : ` in ${this.code}`;
    return new ThreadError({ thread, worker, round: this.round, phase }, what + where, more);
  }
}
