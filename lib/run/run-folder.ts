import { closeSync, ftruncateSync, openSync, readdirSync, rmdirSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';
import type { PinnedConfiguration } from '../scenario/configuration.js';
import { encodeNpy } from './npy.js';
import { SCHEDULE_FILE, type ScheduleSink, ScheduleWriter } from './recorded-schedule.js';
import type { Manifest, RoundRecord } from './records.js';
import { writeWhole } from './write-whole.js';

/** A run's folder can't be made or written: names the path and the cause. */
export class RunFolderError extends Error {
  override name = 'RunFolderError';
}

/**
 * What one run leaves: `rounds.jsonl`, a line a round, written as the rounds end, and `schedule.jsonl` when that was asked for; then `parameters.npy` and `manifest.json`.
 * Nothing is ever overwritten: the folder must be new or empty.
 */
export class RunFolder {
  readonly path: string;
  readonly #rounds: number;
  /** Of whole lines. */
  #bytes = 0;
  #closed = false;
  /** Folders that were not there before, this one and those above it. */
  readonly #made: readonly string[];
  #schedule: ScheduleWriter | undefined;

  /** Throws a RunFolderError when the folder holds something already or can't be written. */
  constructor(path: string) {
    this.path = path;
    this.#made = attempt(path, () => makeFolder(path));
    this.#rounds = attempt(path, () => {
      const present = readdirSync(path);
      if (present.length > 0) {
        throw new Error(`the folder holds ${String(present[0])} already and nothing is ever overwritten; name a new folder`);
      }
      return openSync(join(path, 'rounds.jsonl'), 'wx');
    });
  }

  /** Begins `schedule.jsonl`, for what a run on the real clock notes; it is written out with the rounds. */
  keepSchedule(scenario: PinnedConfiguration): ScheduleSink {
    const schedule = attempt(this.path, () => new ScheduleWriter(join(this.path, SCHEDULE_FILE), scenario));
    this.#schedule = schedule;
    return schedule;
  }

  /** Appends one line: all of it or, when the disk fails, nothing and an error. */
  append(record: RoundRecord): void {
    const path = join(this.path, 'rounds.jsonl');
    const line = Buffer.from(`${JSON.stringify(record)}\n`);
    attempt(path, () => {
      try {
        for (let written = 0; written < line.length; ) written += writeSync(this.#rounds, line, written);
      } catch (error) {
        ftruncateSync(this.#rounds, this.#bytes);
        throw error;
      }
    });
    this.#bytes += line.length;
    attempt(join(this.path, SCHEDULE_FILE), () => this.#schedule?.flush());
  }

  /** Writes the final parameters and the manifest, the manifest last: a folder with a manifest is complete. */
  finish(manifest: Manifest, parameters: Float32Array): void {
    attempt(join(this.path, SCHEDULE_FILE), () => this.#schedule?.end(manifest.manifest.result.rounds, manifest.manifest.parametersHash));
    this.close();
    attempt(this.path, () => {
      writeFileSync(join(this.path, 'parameters.npy'), encodeNpy(parameters), { flag: 'wx' });
      writeWhole(join(this.path, 'manifest.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
    });
  }

  /** Closes what is written as rounds end; also after a failure, so that what was written is whole. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#rounds);
    this.#schedule?.close();
  }

  /** Takes back what the constructor made, for a run that never began; folders that hold something else by now stay. */
  discard(): void {
    this.close();
    attempt(this.path, () => {
      unlinkSync(join(this.path, 'rounds.jsonl'));
      for (const folder of this.#made.toReversed()) {
        if (readdirSync(folder).length > 0) break;
        rmdirSync(folder);
      }
    });
  }
}

function attempt<T>(path: string, action: () => T): T {
  try {
    return action();
  } catch (error) {
    throw new RunFolderError(`${path}: ${error instanceof Error ? error.message : String(error)}`, { cause: error });
  }
}
