import { closeSync, existsSync, openSync, readFileSync, statSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { PinnedConfiguration } from '../scenario/configuration.js';
import { canonicalJson, configurationHash } from '../scenario/hash.js';
import { problemsWith } from '../registry/issues.js';
import { describeProblems } from '../registry/problems.js';

/** What is called so in a run's folder: JSON, a value a line. The first says what was run, then what the server got in order, then what came out. */
export const SCHEDULE_FILE = 'schedule.jsonl';

const count = z.int().min(0).max(2 ** 31 - 1);

const HEAD = z.strictObject({
  format: z.literal('byzantium-schedule').describe('Tells this file from others'),
  version: z.literal(1).describe('Of this format'),
  scenario: z
    .looseObject({ workers: z.int().min(1), kernels: z.enum(['strict', 'relaxed']).describe('Those that were used: others give other bits') })
    .describe("The run's resolved scenario, as its manifest has it"),
});

const ARRIVAL = z.strictObject({
  worker: count.describe('Whose row the server took'),
  version: count.describe('Which version of the parameters it was computed with: how many steps the server had taken'),
  gradient: count.describe("Which of the worker's gradients it is, counted from 0: its batch follows from that"),
  time: z.number().min(0).describe('When, in seconds of training'),
});

const CRASH = z.strictObject({ crash: count.describe('A worker whose thread died') });

const END = z.strictObject({
  end: z.strictObject({
    events: count.describe('Lines between the first and this one'),
    rounds: count.describe('Steps that the server took'),
    parametersHash: z.string().regex(/^[0-9a-f]{64}$/, 'a SHA-256').describe('SHA-256 of the final parameters'),
  }),
});

export type RecordedArrival = z.infer<typeof ARRIVAL>;
export type ScheduleEvent = RecordedArrival | z.infer<typeof CRASH>;

/** What a run on the real clock did, to be done again. */
export interface RecordedSchedule {
  /** Where it was read. */
  readonly file: string;
  readonly scenario: PinnedConfiguration;
  readonly events: readonly ScheduleEvent[];
  /** Absent when the run didn't come to its end. */
  readonly end: z.infer<typeof END>['end'] | undefined;
}

/** Hears of a run on the real clock what the server got, in order. */
export interface ScheduleSink {
  arrival(arrival: RecordedArrival): void;
  crash(worker: number): void;
}

/** A schedule that can't be read, or doesn't fit the run that should follow it. */
export class ReplayError extends Error {
  override name = 'ReplayError';
}

/** A JSON Schema (draft 2020-12) of a line of the file, for whoever reads or makes one elsewhere; under `$defs` what a line may be. */
export function scheduleJsonSchema(): z.core.JSONSchema.BaseSchema {
  const schemas = Object.entries({ head: HEAD, arrival: ARRIVAL, crash: CRASH, end: END }).map(([line, schema]) => {
    const { $schema: _, ...described } = z.toJSONSchema(schema);
    return [line, described] as const;
  });
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    title: 'A line of a recorded schedule of byzantium',
    anyOf: schemas.map(([line]) => ({ $ref: `#/$defs/${line}` })),
    $defs: Object.fromEntries(schemas),
  };
}

/** Reads the schedule in a run's folder, or of that name. Throws a ReplayError that says which line is wrong, and how. */
export function readSchedule(folderOrFile: string): RecordedSchedule {
  const file = existsSync(folderOrFile) && statSync(folderOrFile).isDirectory() ? join(folderOrFile, SCHEDULE_FILE) : folderOrFile;
  const lines = readText(file).split('\n');
  // An interrupted run leaves whole lines, but a copy may be cut.
  const last = lines.pop();
  if (last !== '') throw new ReplayError(`${file}:${lines.length + 1}: the line is cut off; a schedule ends with a whole line`);
  const wrong = (line: number, what: string): never => {
    throw new ReplayError(`${file}:${line + 1}: ${what}`);
  };
  const parse = <T>(schema: z.ZodType<T>, line: number): T => {
    const value = parseJson(lines[line] ?? '', (what) => wrong(line, what));
    const result = schema.safeParse(value);
    return result.success ? result.data : wrong(line, describeProblems(problemsWith(result.error, { schema, value, path: '', beside: [] })));
  };

  const { scenario } = parse(HEAD, 0);
  const events: ScheduleEvent[] = [];
  let end: RecordedSchedule['end'];
  const latest = new Map<number, RecordedArrival>();
  for (let line = 1; line < lines.length; line++) {
    const text = lines[line] ?? '';
    if (end !== undefined) wrong(line, 'nothing follows the line that says how the run ended');
    if (text.startsWith('{"end"')) {
      ({ end } = parse(END, line));
      if (end.events !== events.length) wrong(line, `${end.events} lines of rows and crashes came before this one when it was written, and here are ${events.length}`);
      continue;
    }
    const event = text.startsWith('{"crash"') ? parse(CRASH, line) : parse(ARRIVAL, line);
    const worker = 'crash' in event ? event.crash : event.worker;
    if (worker >= scenario.workers) wrong(line, `there is no worker ${worker}: the scenario has ${scenario.workers}`);
    if ('worker' in event) {
      const before = latest.get(worker);
      if (before !== undefined && (event.gradient <= before.gradient || event.version < before.version)) {
        wrong(line, `worker ${worker} can't send gradient ${event.gradient} of version ${event.version} after gradient ${before.gradient} of version ${before.version}: both only grow`);
      }
      latest.set(worker, event);
    }
    events.push(event);
  }
  return { file, scenario: scenario as unknown as PinnedConfiguration, events, end };
}

/** Throws a ReplayError when the schedule is another run's: names the keys that differ. */
export function checkSchedule({ file, scenario }: RecordedSchedule, configuration: PinnedConfiguration): void {
  if (scenario.kernels !== configuration.kernels) {
    throw new ReplayError(`${file} was recorded with ${scenario.kernels} kernels, and here they are ${configuration.kernels}, which give other bits: use a version of Node with the same, or "kernels": "strict" for both`);
  }
  if (configurationHash(scenario) !== configurationHash(configuration)) {
    const keys = [...new Set([...Object.keys(scenario), ...Object.keys(configuration)])].filter((key) => key !== 'name');
    const value = (of: PinnedConfiguration, key: string): string => canonicalJson((of as unknown as Record<string, unknown>)[key] ?? null);
    const differing = keys.filter((key) => value(scenario, key) !== value(configuration, key));
    throw new ReplayError(
      `${file} is the schedule of another scenario: ${differing.map((key) => `${key} is ${value(scenario, key)} there and ${value(configuration, key)} here`).join('; ')}. ` +
        'A schedule can be replayed with the scenario that was recorded alone; the manifest.json beside it is that',
    );
  }
}

/** Writes the schedule of a run that is under way. Throws what the system says; `RunFolder` puts it into words. */
export class ScheduleWriter implements ScheduleSink {
  readonly #descriptor: number;
  #waiting: string;
  #events = 0;
  #closed = false;

  constructor(path: string, scenario: PinnedConfiguration) {
    this.#descriptor = openSync(path, 'wx');
    this.#waiting = line({ format: 'byzantium-schedule', version: 1, scenario });
    try {
      this.flush();
    } catch (error) {
      this.close();
      throw error;
    }
  }

  arrival({ worker, version, gradient, time }: RecordedArrival): void {
    this.#event({ worker, version, gradient, time });
  }

  crash(worker: number): void {
    this.#event({ crash: worker });
  }

  #event(event: ScheduleEvent): void {
    this.#waiting += line(event);
    this.#events += 1;
  }

  /** Writes what has come since the last time. */
  flush(): void {
    const bytes = Buffer.from(this.#waiting);
    this.#waiting = '';
    for (let written = 0; written < bytes.length; ) written += writeSync(this.#descriptor, bytes, written);
  }

  /** The run came to its end. */
  end(rounds: number, parametersHash: string): void {
    this.#waiting += line({ end: { events: this.#events, rounds, parametersHash } });
    this.flush();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    closeSync(this.#descriptor);
  }
}

function line(value: object): string {
  return `${JSON.stringify(value)}\n`;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw new ReplayError(`the schedule ${file} can't be read (${code}); a run on the real clock leaves one with --record, and --replay takes its folder or the file`, { cause });
  }
}

function parseJson(text: string, wrong: (what: string) => never): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return wrong('not JSON');
  }
}
