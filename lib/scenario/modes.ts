import { z } from 'zod';
import { DATASETS } from '../data/registry.js';
import { MODELS } from '../models/registry.js';
import { show } from '../registry/names.js';
import { join, type Problem } from '../registry/problems.js';
import { registry } from '../registry/registry.js';
import type { RunConfiguration } from './configuration.js';
import { canonicalJson } from './hash.js';
import { hogwild } from './hogwild-mode.js';
import type { Mode } from './mode.js';
import { isObject, type Json, type JsonObject } from './plain.js';

export type { Mode };

const synchronous: Mode = {
  name: 'synchronous',
  description: 'every round each worker reports a row, the rule is applied once, the parameters move once',
  source: '–',
  parameters: z.strictObject({}),
  datasets: DATASETS.names,
  models: MODELS.names,
  unused: {},
  why: '',
  check: () => [],
};

/** Every mode, in the order of the catalogue. */
export const MODES = registry<Mode>('mode', [synchronous, hogwild]);

/** The mode that a scenario names; undefined for one that there isn't. */
export function modeOf({ mode }: JsonObject): Mode | undefined {
  const name = isObject(mode) ? mode['name'] : (mode ?? synchronous.name);
  return typeof name === 'string' ? MODES.find(name) : undefined;
}

/** Keys that the scenario sets although they have no meaning in its mode. */
export function unusedKeys({ name, unused, why }: Mode, scenario: JsonObject): Problem[] {
  return Object.entries(unused).flatMap(([path, none]) => {
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
