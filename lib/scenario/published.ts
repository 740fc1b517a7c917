import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { parseWith } from './issues.js';
import { readJson, SCENARIOS_FOLDER } from './load.js';
import { copyJson } from './plain.js';

const FIGURES = z.strictObject({
  source: z.string(),
  figures: z.array(z.strictObject({ where: z.record(z.string(), z.unknown()), accuracy: z.number().min(0).max(1) })),
});

/** What a publication reports for some of a scenario's runs: best test accuracies in [0, 1]. */
export type PublishedFigures = z.infer<typeof FIGURES>;

/** The figures beside which a shipped scenario's are printed; undefined when there are none. Throws a ScenarioError for a damaged file. */
export function publishedFigures(name: string): PublishedFigures | undefined {
  const file = join(SCENARIOS_FOLDER, 'published', `${name}.json`);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) return undefined;
  return parseWith(FIGURES, copyJson(readJson(file), file), file);
}

/**
 * The published accuracy of a run, by what tells it from the scenario's other runs; undefined when none fits. A figure fits when
 * every path of its `where` varies and agrees: an object when what it says is so, whatever else the run's says, and a bare
 * name as `{ name }`. The first that fits counts.
 */
export function publishedAccuracy({ figures }: PublishedFigures, varied: Readonly<Record<string, unknown>>): number | undefined {
  return figures.find(({ where }) => agrees(where, varied))?.accuracy;
}

function agrees(wanted: unknown, found: unknown): boolean {
  if (isRecord(wanted) && isRecord(found)) {
    return Object.entries(wanted).every(([key, value]) => Object.hasOwn(found, key) && agrees(value, found[key]));
  }
  if (isRecord(wanted) && typeof found === 'string') return agrees(wanted, { name: found });
  if (isRecord(found) && typeof wanted === 'string') return agrees({ name: wanted }, found);
  return wanted === found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
