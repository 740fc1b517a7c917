import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { ATTACKS } from '../attacks/registry.js';
import { mergeParameters } from '../registry/parameters.js';
import type { RunConfiguration } from './configuration.js';
import { readJson, SCENARIOS_FOLDER } from './load.js';
import { expressionsOf } from './parameters.js';
import { copyJson } from './plain.js';
import { parseWith } from './problems.js';
import { BESIDE } from './registries.js';

const PART = z.record(z.string(), z.unknown());
const FIGURES = z.strictObject({
  source: z.string(),
  /** What all the figures belong to. */
  configuration: PART,
  figures: z.array(z.strictObject({ where: PART, accuracy: z.number().min(0).max(1), backdoorSuccess: z.number().min(0).max(1).optional() })),
});

/** What a publication reports for some of a scenario's runs: best test accuracies in [0, 1], and what share of triggered images a backdoor works on. */
export type PublishedFigures = z.infer<typeof FIGURES>;

/** The figures beside which a shipped scenario's are printed; undefined when there are none. Throws a ScenarioError for a damaged file. */
export function publishedFigures(name: string): PublishedFigures | undefined {
  const file = join(SCENARIOS_FOLDER, 'published', `${name}.json`);
  if (!/^[a-z0-9-]+$/.test(name) || !existsSync(file)) return undefined;
  return parseWith(FIGURES, copyJson(readJson(file), file), file);
}

/**
 * The published accuracy of a run; undefined when none fits. A figure fits when everything under the file's `configuration` and
 * under its own `where` is so: of an object what is said of it, whatever else it holds; of a list each item; a bare name
 * stands for `{ name }`, and null for what is not there. Presets count as the parameters that they stand for. The first that fits counts.
 */
export function publishedAccuracy(published: PublishedFigures, configuration: RunConfiguration): number | undefined {
  return publishedFigure(published, configuration)?.accuracy;
}

/** The same of the backdoor that the attack plants. */
export function publishedBackdoorSuccess(published: PublishedFigures, configuration: RunConfiguration): number | undefined {
  return publishedFigure(published, configuration)?.backdoorSuccess;
}

function publishedFigure({ configuration: wanted, figures }: PublishedFigures, configuration: RunConfiguration): PublishedFigures['figures'][number] | undefined {
  const found = withParameters(configuration);
  return agrees(wanted, found) ? figures.find(({ where }) => agrees(where, found)) : undefined;
}

/** The configuration with the attack's parameters written out: they decide whether it is the published attack. */
function withParameters(configuration: RunConfiguration): unknown {
  const { attack } = configuration;
  const registered = ATTACKS.get(attack.name);
  if (expressionsOf(registered, attack).length > 0) return configuration;
  return { ...configuration, attack: { ...mergeParameters(registered, attack, { beside: BESIDE.attack }), ...attack } };
}

function agrees(wanted: unknown, found: unknown): boolean {
  if (wanted === null) return found === undefined || found === null;
  if (Array.isArray(wanted)) return Array.isArray(found) && wanted.length === found.length && wanted.every((item, i) => agrees(item, found[i]));
  if (isRecord(wanted) && isRecord(found)) return Object.entries(wanted).every(([key, value]) => agrees(value, Object.hasOwn(found, key) ? found[key] : undefined));
  if (isRecord(found) && typeof wanted === 'string') return found['name'] === wanted;
  return wanted === found;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
