import { moduleTask } from '../modules/call.js';
import type { PlannedModule } from '../modules/module.js';
import { type ModuleGiven, moduleParameters, plannedOf } from '../modules/parameters.js';
import { f64 } from '../memory/regions.js';
import type { Aggregator, Shape } from './aggregator.js';

/** A rule of the user's own, in a file: `{ "module": "./my-rule.mjs" }`. It runs in a thread. */
export const moduleAggregator: Aggregator<ModuleGiven, PlannedModule, Record<string, never>, ReturnType<typeof state>> = {
  name: 'module',
  formula: 'what the module\'s aggregate returns',
  source: 'your own',
  precondition: 'what its check says',
  cost: 'its own',
  parameters: moduleParameters,
  presets: {},
  // What a module does is its own business: nothing is claimed. `npm run conformance -- FILE` tells what holds.
  properties: () => ({ order: false, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'finite', weights: 'none' }),
  resolve: plannedOf,
  check: (_, { broken }) => broken,
  memory: () => ({}),
  state,
  *aggregate({ table, n, f, d, output, round, random, state: { kept }, parameters }) {
    yield moduleTask(parameters, random, { table, n, f, d, output, round, state: kept });
    return undefined;
  },
};

function state(_: Shape, { state: length }: PlannedModule) {
  return { kept: f64(length) };
}
