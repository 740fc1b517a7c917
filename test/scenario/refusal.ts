import { expand } from '../../lib/scenario/expand.js';
import { ScenarioError } from '../../lib/scenario/problems.js';

/** Why `run` is refused: path → message. Empty when it isn't. Errors of any other class pass through. */
export function problemsOf(run: () => unknown): Record<string, string> {
  try {
    run();
    return {};
  } catch (error) {
    if (!(error instanceof ScenarioError)) throw error;
    return Object.fromEntries(error.problems.map(({ path, message }) => [path, message]));
  }
}

/** Why a scenario is refused. */
export function refusal(scenario: unknown): Record<string, string> {
  return problemsOf(() => expand(scenario));
}
