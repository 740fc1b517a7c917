import { resolve, sep } from 'node:path';
import type { ScenarioReport } from './types.js';

/** A key, or the end of a path, whose value is the file of a rule, an attack, a pre-aggregator or a model of the user's own. */
const FILE_KEY = /(?:^|\.)(?:module|tfjs)$/;

/** The report with files of the user's own called by their names, which is how people know them; and with as many folders as tell two of one name apart. */
export function withFileNames(report: ScenarioReport): ScenarioReport {
  // Without the records, of which there may be many.
  const named = nameFiles(report.runs.map(({ varied, manifest: { manifest: _facts, ...resolved } = {}, result }) => ({ varied, resolved, config: result?.config })));
  const runs = report.runs.map((run, index): typeof run => {
    const { varied = run.varied, resolved, config } = named[index] ?? {};
    return {
      ...run,
      varied,
      ...(run.manifest === undefined ? {} : { manifest: { ...run.manifest, ...resolved } }),
      ...(run.result === undefined || config === undefined ? {} : { result: { ...run.result, config } }),
    };
  });
  return { ...report, runs };
}

/** The same for any piece of a scenario. */
export function nameFiles<Value>(value: Value): Value {
  const files = new Set<string>();
  mapFiles(value, (path) => {
    files.add(resolve(path));
    return path;
  });
  return mapFiles(value, (path) => shortestTail(resolve(path), files)) as Value;
}

function mapFiles(value: unknown, name: (path: string) => string): unknown {
  if (Array.isArray(value)) return value.map((item) => mapFiles(item, name));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, FILE_KEY.test(key) && typeof item === 'string' ? name(item) : mapFiles(item, name)]));
}

/** The end of a path, from a folder on, that no other of the files has. */
function shortestTail(file: string, files: ReadonlySet<string>): string {
  const parts = file.split(sep);
  const others = [...files].filter((other) => other !== file).map((other) => other.split(sep));
  const length = parts.findIndex((_, index) => others.every((other) => tail(other, index + 1) !== tail(parts, index + 1)));
  return tail(parts, length === -1 ? parts.length : length + 1);
}

function tail(parts: readonly string[], length: number): string {
  return parts.slice(-length).join('/');
}
