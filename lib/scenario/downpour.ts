import { mergeParameters } from '../registry/parameters.js';
import type { RunConfiguration } from './configuration.js';
import { type DownpourParameters, MODES } from './modes.js';

export function isDownpour({ mode }: Pick<RunConfiguration, 'mode'>): boolean {
  return mode.name === 'downpour';
}

/** What the mode `downpour` of a scenario comes to. Throws a ParameterError when its parameters are not allowed. */
export function configuredDownpour({ mode }: Pick<RunConfiguration, 'mode'>): DownpourParameters {
  return mergeParameters(MODES.get('downpour'), mode, { path: 'mode' }) as DownpourParameters;
}
