import { createRequire } from 'node:module';
import { ModuleError } from '../../modules/module.js';
import type { Backend, EngineChoice } from './engine-choice.js';

/** What a user's model is built with. Only its types are loaded here: the package is the user's. */
export type TensorFlow = typeof import('@tensorflow/tfjs');

export interface Engine extends EngineChoice {
  readonly tf: TensorFlow;
  readonly version: string;
}

const NODE = '@tensorflow/tfjs-node';
const PLAIN = '@tensorflow/tfjs';
const WASM = '@tensorflow/tfjs-backend-wasm';

/**
 * What may run a model, the best first, and why not something better. `file`: the user's model, beside which packages are looked for before they are
 * beside this one. Loads what it finds: only in a thread, in turn. Throws a ModuleError that says what to install.
 */
export function enginesFor(file: string, asked: Backend | 'auto'): { readonly choices: readonly EngineChoice[]; readonly note: string | undefined } {
  const native = asked === 'auto' || asked === 'tensorflow' ? loadPackage(NODE, file) : undefined;
  if (native !== undefined && 'exports' in native) return { choices: [{ engine: NODE, backend: 'tensorflow' }], note: undefined };
  if (asked === 'tensorflow') throw new ModuleError(`${file}: the backend "tensorflow" needs ${NODE}, which ${native?.missing ?? 'is missing'}: npm install ${NODE}, or take "backend": "cpu"`);

  const plain = loadPackage(PLAIN, file);
  if ('missing' in plain) throw new ModuleError(`${file}: a TensorFlow.js model needs TensorFlow.js, which does not come with this package; ${PLAIN} ${plain.missing}: npm install ${PLAIN}, or ${NODE}, which is faster where it can be installed`);
  const wasm = asked === 'cpu' ? undefined : loadPackage(WASM, file);
  if (asked === 'wasm' && wasm !== undefined && 'missing' in wasm) throw new ModuleError(`${file}: the backend "wasm" needs ${WASM}, which ${wasm.missing}: npm install ${WASM}, or take "backend": "cpu"`);
  const backends: Backend[] = [...(wasm !== undefined && 'exports' in wasm ? ['wasm' as const] : []), ...(asked === 'wasm' ? [] : ['cpu' as const])];
  return { choices: backends.map((backend) => ({ engine: PLAIN, backend })), note: native === undefined ? undefined : `${NODE} ${native.missing}` };
}

/** The engine, its backend chosen. Throws a ModuleError when it isn't there any more or can't start. */
export async function startEngine({ engine, backend }: EngineChoice, file: string): Promise<Engine> {
  const found = loadPackage(engine, file);
  if ('missing' in found) throw new ModuleError(`${file}: ${engine} ${found.missing}`);
  if (backend === 'wasm') loadPackage(WASM, file);
  const tf = found.exports as TensorFlow;
  // Without it every backend greets on the console, and checks each value for NaN that a run looks for itself.
  tf.enableProdMode();
  if (!(await tf.setBackend(backend))) throw new ModuleError(`${file}: ${engine} ${tf.version['tfjs-core']} can't start its backend "${backend}"`);
  await tf.ready();
  return { engine, backend, tf, version: tf.version['tfjs-core'] };
}

function loadPackage(name: string, file: string): { readonly exports: unknown } | { readonly missing: string } {
  if (name === NODE) restoreUtilities();
  for (const origin of [file, import.meta.url]) {
    const require = createRequire(origin);
    try {
      require.resolve(name);
    } catch {
      continue;
    }
    try {
      return { exports: require(name) };
    } catch (error) {
      const [firstLine = ''] = (error instanceof Error ? error.message : String(error)).split('\n');
      return { missing: `is there but can't be loaded (${firstLine})` };
    }
  }
  return { missing: 'is not installed' };
}

/** tfjs-node 4 asks two questions of node:util that Node 23 no longer answers. */
function restoreUtilities(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>;
  util['isNullOrUndefined'] ??= (value: unknown): boolean => value === null || value === undefined;
  util['isArray'] ??= Array.isArray;
}
