import type { Work } from '../../kernels/task.js';
import type { Address } from '../../memory/regions.js';

/** A worker's own row, as it reaches the server. */
export interface Delivery {
  readonly worker: number;
  /** d float32, which stay as they are until the same worker's next row. */
  readonly row: Address;
  readonly finite: boolean;
  /** Of its batch. */
  readonly loss: number;
  /** Which version of the parameters it was computed with, and where that is: d float32, until the worker goes on. */
  readonly version: number;
  readonly parameters: Address;
}

/** The server's parameters, one version a step. */
export interface ParameterVersions {
  /** How many steps the server has taken. */
  readonly number: number;
  /** Where the server's version is: d float32. */
  readonly current: Address;
  /** Makes the next version: a copy of the current one, which `step` changes in place. */
  advance(d: number, step: (parameters: Address) => Work): Work;
}

/** What else has happened since the step before. */
export interface News {
  /** Workers that have crashed. */
  readonly crashed?: readonly number[];
  /** Only of threads that run free. */
  readonly torn?: number;
  readonly overwritten?: number;
}

/** Why a run ends to which no row comes any more, to go behind "in round 3, ". */
export const NOBODY_SENDS = 'nobody is left who sends anything: all workers have crashed or are silent';

/** Seconds, of the real clock and of what was recorded on one. */
export const REAL_PATIENCE = 10;

/** A clock: which rows reach the server, in which order. */
export interface Source {
  readonly versions: ParameterVersions;
  /** When the last row came: virtual time, or seconds of training. */
  readonly now: number;
  /**
   * For how long, in units of `now`, the server waits for rows that make a step, however many come that don't: on the real clock a busy machine may keep
   * those threads waiting that it waits for.
   */
  readonly patience: number;
  /** Lets the workers begin. Version 0 is where `versions.current` says. */
  start?(): void | Promise<void>;
  /**
   * The next row, which counts as sent in this round; undefined when nobody is left who sends anything, or nothing more is known. A worker that `isSilent` when
   * its row would come sends nothing any more, for ever.
   */
  next(round: number, isSilent: (worker: number) => boolean): Promise<Delivery | undefined>;
  /** The server is done with the worker's last row, and the worker goes on; absent where it does so by itself. */
  goOn?(worker: number): void;
  /** So long the server did what is no part of training; absent where time isn't the machine's. */
  pause?(seconds: number): void;
  /** Why `next` gave nothing, to go behind "in round 3, ". */
  readonly ending: string;
  /** To be asked once a step. */
  news(): News;
}
