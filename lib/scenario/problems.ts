import type { z } from 'zod';
import { problemsWith } from '../registry/issues.js';
import { describeProblems, ParameterError, type Problem } from '../registry/problems.js';
import type { Json } from './plain.js';

/** A scenario that is refused. The message lists every problem, one a line. */
export class ScenarioError extends Error {
  override name = 'ScenarioError';
  readonly problems: readonly Problem[];

  constructor(problems: readonly Problem[]) {
    super(describeProblems(problems));
    this.problems = problems;
  }
}

/** Throws a ScenarioError with one problem. */
export function refuse(path: string, message: string): never {
  throw new ScenarioError([{ path, message }]);
}

/** What a schema makes of a value. Throws a ScenarioError. `beside`: keys that are checked elsewhere, to be named among the allowed ones. */
export function parseWith<Output>(schema: z.ZodType<Output>, value: Json, path: string, beside: readonly string[] = []): Output {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw new ScenarioError(problemsWith(result.error, { schema, value, path, beside }));
}

/** What a registry or its parameters refuse with a ParameterError is refused with a ScenarioError of the same problems. */
export function inScenario<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ParameterError) throw new ScenarioError(error.problems);
    throw error;
  }
}
