import { moduleTask } from '../modules/call.js';
import type { PlannedModule } from '../modules/module.js';
import { type ModuleGiven, moduleParameters, plannedOf } from '../modules/parameters.js';
import type { Preaggregator } from './preaggregator.js';

/** A pre-aggregator of the user's own, in a file: `{ "module": "./my-preaggregator.mjs" }`. It runs in a thread. */
export const modulePreaggregator: Preaggregator<ModuleGiven, PlannedModule> = {
  name: 'module',
  formula: 'what the module\'s preaggregate returns',
  source: 'your own',
  precondition: 'what its check says',
  cost: 'its own',
  parameters: moduleParameters,
  presets: {},
  // What a module does is its own business: nothing is claimed. `npm run conformance -- FILE` tells what holds.
  properties: () => ({ order: false, translation: false, scale: 'none', meanWithoutByzantine: false, within: 'finite' }),
  // What a module is can't be known before it is loaded; no worker has a weight behind it.
  mixes: true,
  resolve: plannedOf,
  check: (_, { broken }) => broken,
  rowsOut: ({ n, removed }, { rowsOut }) => rowsOut[removed] ?? n,
  memory: () => ({}),
  *preaggregate({ table, n, f, d, output, outputTable, round, random, parameters }) {
    yield moduleTask(parameters, random, { table, n, f, d, output: outputTable, outputs: output.length, round });
    return parameters.mixes || output.length !== n ? undefined : Array.from(output.keys());
  },
};
