import { moduleTask } from '../modules/call.js';
import type { PlannedModule } from '../modules/module.js';
import { type ModuleGiven, moduleParameters, plannedOf } from '../modules/parameters.js';
import { f64 } from '../memory/regions.js';
import type { Attack, AttackShape } from './attack.js';

/** An attack of the user's own, in a file: `{ "module": "./my-attack.mjs" }`. It runs in a thread. */
export const moduleAttack: Attack<ModuleGiven, PlannedModule, ReturnType<typeof memory>> = {
  name: 'module',
  formula: 'what the module\'s craft returns',
  source: 'your own',
  precondition: 'what its check says',
  parameters: moduleParameters,
  presets: {},
  expressions: [],
  resolve: plannedOf,
  knowledge: ({ knowledge }) => knowledge,
  shared: ({ shared }) => shared,
  check: (_, { broken }) => broken,
  checkedByUser: true,
  warn: () => undefined,
  memory,
  *craft({ table, rows, n, f, d, output, worker, round, random, memory: { kept }, parameters }) {
    yield moduleTask(parameters, random, { table, n: rows.length, workers: n, f, d, output, worker, round, state: kept });
  },
};

/** Nobody else writes to it, and a run begins with zeros: so it keeps what the module leaves in it. */
function memory(_: AttackShape, { state }: PlannedModule) {
  return { kept: f64(state) };
}
