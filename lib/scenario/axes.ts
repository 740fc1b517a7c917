import { z } from 'zod';
import { show } from '../registry/names.js';
import { join, type Problem } from '../registry/problems.js';
import { canonicalJson } from './hash.js';
import { checkVariablePath } from './path.js';
import type { Json } from './plain.js';
import { parseWith, ScenarioError } from './problems.js';
import { SEED } from './schema.js';

const MOST_RUNS = 10_000;

/** The keys that make several runs of one scenario. */
export const AXIS_FIELDS = {
  seeds: z.array(SEED).min(1).max(MOST_RUNS).optional().describe('One run for each of these seeds, in place of `seed`; tables show mean ± standard deviation over them'),
  grid: z
    .record(z.string(), z.array(z.unknown()).min(1).max(MOST_RUNS))
    .optional()
    .describe('From paths (aggregator, attack.z, preaggregators.0.s) to lists of values; their product makes the runs. Paths with commas between ("mode.policy, aggregator") vary together: each value is a list with one for each'),
} as const;

/** A path of the grid, or the seeds, and the values that it takes. */
export interface Axis {
  /** As the scenario writes it. */
  readonly path: string;
  /** Several when they vary together: then each value is a list with one for each. */
  readonly paths: readonly string[];
  /** Where the scenario says so. */
  readonly place: string;
  readonly values: readonly Json[];
  /** A single seed tells no run from another, so it is in no label. */
  readonly labelled: boolean;
}

const AXES = z.object(AXIS_FIELDS);

/** The grid's paths in the order written, then the seeds. Throws a ScenarioError, also when they make more than 10,000 runs. */
export function readAxes(grid: Json | undefined, seeds: Json | undefined): Axis[] {
  const value = { ...(grid === undefined ? {} : { grid }), ...(seeds === undefined ? {} : { seeds }) };
  const given = parseWith(AXES, value, '') as { readonly grid?: Readonly<Record<string, readonly Json[]>>; readonly seeds?: readonly number[] };
  const axes: Axis[] = [
    ...Object.entries(given.grid ?? {}).map(([path, values]) => ({ path, paths: pathsOf(path), place: join('grid', path), values, labelled: true })),
    ...(given.seeds === undefined ? [] : [{ path: 'seed', paths: ['seed'], place: 'seeds', values: given.seeds, labelled: given.seeds.length > 1 }]),
  ];
  const found = axes.flatMap((axis, i) => problemsOf(axis, axes.slice(0, i)));
  const runs = axes.reduce((product, { values }) => product * values.length, 1);
  if (runs > MOST_RUNS) {
    const lengths = axes.map(({ path, values }) => `${values.length} of ${path}`).join(' × ');
    found.push({ path: 'grid', message: `${runs.toLocaleString('en')} runs (${lengths}) are too many: at most ${MOST_RUNS.toLocaleString('en')}` });
  }
  if (found.length > 0) throw new ScenarioError(found);
  return axes;
}

/** A value for each axis. */
export type Point = readonly (readonly [Axis, Json])[];

/** The product of the axes: the first changes slowest. One empty point when there are none. */
export function* product(axes: readonly Axis[]): Generator<Point> {
  const [first, ...rest] = axes;
  if (first === undefined) {
    yield [];
    return;
  }
  for (const value of first.values) {
    for (const point of product(rest)) yield [[first, value], ...point];
  }
}

/** What a point of the grid sets, path by path. */
export function settingsOf(point: Point): { readonly axis: Axis; readonly path: string; readonly value: Json }[] {
  return point.flatMap(([axis, value]) => {
    const { paths } = axis;
    const values = paths.length === 1 ? [value] : (value as readonly Json[]);
    return paths.map((path, place) => ({ axis, path, value: values[place] as Json }));
  });
}

/** The paths that a key of the grid varies together. */
function pathsOf(key: string): string[] {
  return key.split(',').map((path) => path.trim());
}

function problemsOf({ paths, place, values }: Axis, before: readonly Axis[]): Problem[] {
  const problems: Problem[] = paths.flatMap(checkVariablePath).map((message) => ({ path: place, message }));
  const uneven = paths.length === 1 ? undefined : values.find((value) => !Array.isArray(value) || value.length !== paths.length);
  if (uneven !== undefined) problems.push({ path: place, message: `${show(uneven)} is not allowed: each value is a list of ${paths.length}, one for each of ${paths.join(', ')}` });
  const seen = new Set<string>();
  for (const value of values) {
    const text = canonicalJson(value);
    if (seen.has(text)) problems.push({ path: place, message: `${show(value)} stands here twice, which would be the same run twice` });
    seen.add(text);
  }
  const others = before.flatMap((axis) => axis.paths);
  for (const path of paths) {
    for (const other of others) {
      if (other === path) problems.push({ path: place, message: `the grid varies ${path} already` });
      if (other.startsWith(`${path}.`)) problems.push({ path: place, message: `would overwrite ${other}: write ${path} before ${other}` });
    }
    others.push(path);
  }
  return problems;
}
