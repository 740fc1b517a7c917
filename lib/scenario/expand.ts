import type { Problem } from '../registry/problems.js';
import { type Point, product, readAxes } from './axes.js';
import { checkRun } from './check.js';
import type { ResolvedRun } from './configuration.js';
import { vary } from './path.js';
import { copyScenario, type JsonObject } from './plain.js';
import { ScenarioError } from './problems.js';
import { resolveConfiguration } from './resolve.js';

/** Enough to see what is wrong; a grid repeats itself. */
const MOST_PROBLEMS = 20;

/**
 * Every run of a scenario, defaults written out: the product of the grid's lists, in the order written (the first path changes
 * slowest), times the seeds (which change fastest). The scenario is not changed.
 * Throws a ScenarioError that lists what is wrong: unknown keys and names, impossible values, broken preconditions
 * (unless `allowUnsafe`), a grid of more than 10,000 runs.
 */
export function expand(scenario: unknown): ResolvedRun[] {
  const { grid, seeds, ...base } = copyScenario(scenario);
  const axes = readAxes(grid, seeds);
  const problems = new Map<string, Problem>();
  const runs: ResolvedRun[] = [];
  for (const point of product(axes)) {
    try {
      runs.push(resolvePoint(base, point));
    } catch (error) {
      if (!(error instanceof ScenarioError)) throw error;
      for (const problem of error.problems) problems.set(`${problem.path}: ${problem.message}`, problem);
      if (problems.size >= MOST_PROBLEMS) break;
    }
  }
  if (problems.size > 0) throw new ScenarioError([...problems.values()]);
  return runs;
}

/** Is it a run as `expand` gives it? A scenario has none of these keys. */
export function isResolvedRun(value: unknown): value is ResolvedRun {
  if (typeof value !== 'object' || value === null) return false;
  const { label, varied, configuration } = value as Partial<Record<keyof ResolvedRun, unknown>>;
  return typeof label === 'string' && typeof varied === 'object' && varied !== null && typeof configuration === 'object' && configuration !== null;
}

/** One run of the grid; what it breaks is refused here, before anything starts. */
function resolvePoint(base: JsonObject, point: Point): ResolvedRun {
  const scenario = point.reduce((varied, [{ path }, value]) => vary(varied, path, value), base);
  const configuration = resolveConfiguration(scenario);
  const { broken, impossible } = checkRun(configuration);
  if (broken.length > 0 && !configuration.allowUnsafe) throw new ScenarioError(impossible.length > 0 ? broken : broken.map(orUnsafe));
  if (impossible.length > 0) throw new ScenarioError(impossible.map(({ path, message }) => ({ path, message: `${message}; allowUnsafe can't lift this` })));
  const varied = Object.fromEntries(point.filter(([{ labelled }]) => labelled).map(([{ path }, value]) => [path, value]));
  return { label: labelOf(varied), varied, configuration };
}

function orUnsafe({ path, message }: Problem): Problem {
  return { path, message: `${message}; "allowUnsafe": true runs it anyway` };
}

/** `path=value, …`: a text as it is, anything else as compact JSON. */
function labelOf(varied: Readonly<Record<string, unknown>>): string {
  return Object.entries(varied)
    .map(([path, value]) => `${path}=${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ');
}
