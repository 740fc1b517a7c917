import { z } from 'zod';
import { DATASETS } from '../data/registry.js';
import { MODELS } from '../models/registry.js';
import { POLICIES } from '../policies/registry.js';
import { show } from '../registry/names.js';
import { join, type Problem } from '../registry/problems.js';
import { registry } from '../registry/registry.js';
import type { RunConfiguration } from './configuration.js';
import { canonicalJson } from './hash.js';
import { hogwild } from './hogwild-mode.js';
import { idleSamples, type Mode } from './mode.js';
import { isObject, type Json, type JsonObject } from './plain.js';

export type { Mode };

/** What modes have in common in which workers report rows and a rule makes one of them: they use every key. What they refuse beside, `checkRun` says. */
const WITH_ROWS = {
  datasets: DATASETS.names,
  models: MODELS.names,
  unused: {},
  why: '',
  check: () => [],
} satisfies Partial<Mode>;

const time = z.number().min(0).max(1e12);

const [firstPolicy, ...otherPolicies] = Array.from(POLICIES, ({ name, presets, parameters }) => {
  const known = Object.keys(presets);
  const named = { name: z.literal(name), ...(known.length === 0 ? {} : { preset: z.enum(known).optional() }) };
  return z.strictObject({ ...named, ...(parameters as z.ZodObject).shape });
});
if (firstPolicy === undefined) throw new RangeError('there is no policy');

const asynchronousParameters = z.strictObject({
  policy: z
    .union([z.enum(POLICIES.names), z.discriminatedUnion('name', [firstPolicy, ...otherPolicies])])
    .default('latest')
    .describe('how the server turns arrivals into steps: a name, or { name, …its parameters }'),
  damping: z
    .string()
    .default('constant')
    .describe('what a row of staleness s counts for: "constant" 1, "inverse" 1/(1 + s), "exponential" exp(−s/10), or an expression over s, n, f'),
  clock: z
    .enum(['virtual', 'real'])
    .default('virtual')
    .describe('"virtual": rows come in the order of drawn times, the same bits every time; "real": threads run free and rows come as they do, so that the same scenario may give other bits'),
  tolerateCrashes: z
    .int()
    .min(0)
    .max(100_000)
    .default(0)
    .describe('on the real clock: so many workers may crash, because the thread that hosts them died, and the run goes on without them'),
  speed: z
    .strictObject({
      distribution: z.enum(['constant', 'uniform', 'log-normal', 'pareto']).default('log-normal').describe('of the time that one gradient takes'),
      mean: z.number().gt(0).max(1e6).default(1).describe('its mean, in the units of virtual time'),
      spread: z.number().gt(0).max(10).default(0.3).describe('uniform: half the width over the mean, below 1; log-normal: the deviation of the logarithm; pareto: 1/shape, below 1, the heavier the tail the nearer to 1'),
    })
    .refine(({ distribution, spread }) => (distribution !== 'uniform' && distribution !== 'pareto') || spread < 1, {
      message: 'below 1 for the uniform and the pareto distribution', path: ['spread'],
    })
    .prefault({})
    .describe('how long workers take for a gradient, drawn for each worker and gradient'),
  slow: z
    .strictObject({ count: z.int().min(0), factor: z.number().min(1).max(1e6) })
    .default({ count: 0, factor: 1 })
    .describe('stragglers: the last `count` workers take `factor` times as long'),
  crashes: z
    .array(z.strictObject({ worker: z.int().min(0), at: time, until: time.optional() }))
    .max(10_000)
    .default([])
    .describe('workers that stop at a time, losing what they were computing, and begin again at another or never'),
});

/** The mode's defaults. */
export const USUAL = asynchronousParameters.parse({});

const asynchronous: Mode<z.infer<typeof asynchronousParameters>> = {
  name: 'asynchronous',
  description: 'workers never wait: the server takes rows as they come, and its policy makes steps of them; a round is a step',
  source: '–',
  parameters: asynchronousParameters,
  ...WITH_ROWS,
  check: ({ workers: n, mode }) => unfitTimes(n, mode as unknown as AsynchronousParameters),
};

export type AsynchronousParameters = z.infer<typeof asynchronousParameters>;

const { speed, slow, crashes } = asynchronousParameters.shape;

const synchronousParameters = z.strictObject({
  speed: speed.unwrap().optional().describe('how long workers take for a gradient on a virtual clock, on which a round lasts as long as its slowest worker takes; without it there is no such clock'),
  slow: slow.unwrap().optional().describe('stragglers, on that clock: the last `count` workers take `factor` times as long'),
}).refine(({ speed: given, slow: late }) => given !== undefined || late === undefined, { path: ['slow'], error: 'left out, because without a speed there is no virtual clock' });

const synchronous: Mode<z.infer<typeof synchronousParameters>> = {
  name: 'synchronous',
  description: 'every round each worker reports a row, the rule is applied once, the parameters move once',
  source: '–',
  parameters: synchronousParameters,
  ...WITH_ROWS,
  check: ({ workers: n, mode }) => tooManySlow(n, (mode as unknown as SynchronousParameters).slow),
};

export type SynchronousParameters = z.infer<typeof synchronousParameters>;

/** What of the workers' times doesn't fit n of them. */
function unfitTimes(n: number, given: Pick<AsynchronousParameters, 'slow' | 'crashes'>): Problem[] {
  const beyond = firstUnfit(given.crashes, n);
  return [
    ...tooManySlow(n, given.slow),
    ...(beyond === -1 ? [] : [{ path: `mode.crashes.${beyond}`, message: `a crash needs a worker below ${n}, an end (until) after its beginning (at), and no other crash of the same worker meanwhile` }]),
  ];
}

function tooManySlow(n: number, given: { readonly count: number } | undefined): Problem[] {
  return given === undefined || given.count <= n ? [] : [{ path: 'mode.slow', message: `${given.count} slow workers of ${n}: it must be at most ${n}` }];
}

const downpourParameters = z.strictObject({
  nFetch: z.int().min(1).max(1_000_000).default(1).describe('a replica fetches the server\'s parameters before every so-many-th of its steps'),
  nPush: z.int().min(1).max(1_000_000).default(1).describe('it pushes the gradients that it has accrued after every so-many-th, its first one included'),
  localLearningRate: z.number().min(0).max(1e6).default(0.1).describe('of a replica\'s own steps; the server\'s is learningRate'),
  optimizer: z.enum(['adagrad', 'sgd']).default('adagrad').describe('how the server steps with a push g: θ ← θ − learningRate · g/√(sum of the squares so far), by coordinate; or θ ← θ − learningRate · g'),
  speed,
  slow,
  crashes,
});

const downpour: Mode<z.infer<typeof downpourParameters>> = {
  name: 'downpour',
  description: 'every worker trains a replica, fetches the server\'s parameters every nFetch steps and pushes what it has accrued every nPush; a round is a push; no protection from Byzantine workers',
  source: 'Dean et al. 2012',
  parameters: downpourParameters,
  datasets: DATASETS.names,
  models: MODELS.names,
  unused: { aggregator: { name: 'none', f: 0 }, preaggregators: [], momentum: 'none' },
  unprotected: 'Downpour SGD has no protection: the server steps with whatever a Byzantine worker pushes',
  why: 'the server steps with each push by itself, and no rule sees it',
  check: ({ workers: n, mode, server }) => [...unfitTimes(n, mode as unknown as DownpourParameters), ...idleSamples(server, 'downpour')],
};

export type DownpourParameters = z.infer<typeof downpourParameters>;

/** Every mode, in the order of the catalogue. */
export const MODES = registry<Mode>('mode', [synchronous, asynchronous, downpour, hogwild]);

/** The mode that a scenario names; undefined for one that there isn't. */
export function modeOf({ mode }: JsonObject): Mode | undefined {
  const name = isObject(mode) ? mode['name'] : (mode ?? synchronous.name);
  return typeof name === 'string' ? MODES.find(name) : undefined;
}

/** Keys that have no meaning in the scenario's mode, each with the value that stands for that. */
export function unusedIn(mode: Mode | undefined, scenario: JsonObject): Readonly<Record<string, Json>> {
  return { ...mode?.unused, ...mode?.unusedWith?.(scenario) };
}

/** Keys that the scenario sets although they have no meaning in its mode. */
export function unusedKeys(mode: Mode, scenario: JsonObject): Problem[] {
  const { name, why } = mode;
  return Object.entries(unusedIn(mode, scenario)).flatMap(([path, none]) => {
    const given = scenario[path];
    if (given === undefined || sameValue(given, none)) return [];
    return [{ path, message: `${show(given)} has no meaning in the mode ${name}: ${why}; leave ${path} out` }];
  });
}

/** What of a resolved run doesn't fit its mode: a data set or model of another one, and what the mode itself finds. */
export function checkMode(configuration: RunConfiguration): Problem[] {
  const mode = MODES.get(configuration.mode.name);
  const foreign = ([['dataset', mode.datasets], ['model', mode.models]] as const).flatMap(([path, names]) =>
    names.includes(configuration[path].name) ? [] : [{ path: join(path, 'name'), message: `${show(configuration[path].name)} can't be trained in the mode ${mode.name}; allowed: ${names.join(', ')}` }],
  );
  return foreign.length > 0 ? foreign : mode.check(configuration);
}

/** A bare name stands for `{ name }`. */
function sameValue(given: Json, none: Json): boolean {
  const name = isObject(none) ? none['name'] : undefined;
  return canonicalJson(given) === canonicalJson(none) || (name !== undefined && (given === name || canonicalJson(given) === canonicalJson({ name })));
}

/** The place of the first crash that can't be; −1 when all can. */
function firstUnfit(crashes: AsynchronousParameters['crashes'], n: number): number {
  return crashes.findIndex(
    ({ worker, at, until = Infinity }, place) =>
      worker >= n || until <= at || crashes.slice(0, place).some((other) => other.worker === worker && other.at < until && at < (other.until ?? Infinity)),
  );
}
