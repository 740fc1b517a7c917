import type { z } from 'zod';
import type { Problem } from '../registry/problems.js';
import type { RunConfiguration } from './configuration.js';
import type { Json, JsonObject } from './plain.js';

/** One way to train: what a scenario may say of it. The loop itself is training's. */
export interface Mode<Given extends object = object> {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly parameters: z.ZodType<Given>;
  /** The data sets and models that it trains, by name. */
  readonly datasets: readonly string[];
  readonly models: readonly string[];
  /**
   * Keys of a scenario that have no meaning in this mode, each with the value that stands for that. It is what a run's configuration
   * holds; a scenario leaves the key out or says the same (as a manifest does), and is refused with anything else.
   */
  readonly unused: Readonly<Record<string, Json>>;
  /** Keys beside those that have no meaning with what this scenario trains. */
  unusedWith?(scenario: JsonObject): Readonly<Record<string, Json>>;
  /** Why they have none, to go into the refusal. */
  readonly why: string;
  /** Of a mode in which no rule sees what workers send: what that means, to warn of when some are Byzantine. */
  readonly unprotected?: string;
  /** What is wrong with a run that its keys alone don't show. */
  check(configuration: RunConfiguration): Problem[];
}

/** Samples that nothing at the server would use, in a mode in which no rule sees the rows. */
export function idleSamples(server: RunConfiguration['server'], mode: string): Problem[] {
  if (server?.samples === undefined) return [];
  return [{ path: 'server.samples', message: `${server.samples} samples would be kept from the workers and nothing would use them: in the mode ${mode} no rule sees what workers send; leave samples out` }];
}
