import { pathToFileURL } from 'node:url';
import { parentPort, workerData } from 'node:worker_threads';
import { examine, type Conformity } from '../lib/conformance/conformance.js';
import { ruleOfModule, userSubject } from '../lib/conformance/user.js';

/** What the thread that examines a user's rule is told, and tells. */
export interface UserRuleTask {
  /** The module's path, absolute. */
  readonly file: string;
  /** As the user wrote it. */
  readonly name: string;
}

export type UserRuleMessage =
  | { readonly about: 'next'; readonly what: string }
  | { readonly about: 'refused'; readonly message: string }
  | { readonly about: 'result'; readonly conformity: Conformity };

// A thread of its own, so that a rule without an end can be ended.
const { file, name } = workerData as UserRuleTask;
const tell = (message: UserRuleMessage): void => parentPort?.postMessage(message);

try {
  tell({ about: 'next', what: 'loading the module' });
  const module = (await import(pathToFileURL(file).href)) as Readonly<Record<string, unknown>>;
  const subject = userSubject(ruleOfModule(module, name));
  tell({ about: 'result', conformity: examine(subject, (what) => { tell({ about: 'next', what }); }) });
} catch (error) {
  const message = error instanceof Error ? error.message : String(error);
  tell({ about: 'refused', message: message.startsWith(name) ? message : `${name}: ${message}` });
}
