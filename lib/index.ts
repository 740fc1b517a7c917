/** Byzantium's public API. Importing it starts nothing. */
export { expand } from './scenario/expand.js';
export { simulate, type SimulateOptions, type Simulation } from './training/simulate.js';
