import { readFileSync } from 'node:fs';
import { WebAssembly, type WasmMemory, type WasmModule } from '../memory/webassembly.js';
import type { Kernels } from './kernels.js';
import { columnScratch, convolutionWorkspace, multiplyWorkspace } from './sizes.js';

export type KernelKind = 'strict' | 'relaxed';
export type KernelChoice = 'auto' | KernelKind;

/** Thrown when the kernels that were asked for can't be had here. */
export class KernelsError extends Error {
  override name = 'KernelsError';
}

/**
 * Compiles the kernels, once; the module may be sent to every thread. `auto` takes relaxed where this runtime has relaxed
 * SIMD (Node 22 and later), else strict. Throws a KernelsError when `relaxed` is asked for and missing.
 */
export function compileKernels(choice: KernelChoice): { module: WasmModule; kind: KernelKind } {
  if (choice !== 'strict') {
    const bytes = readKernels('relaxed');
    if (WebAssembly.validate(bytes)) return { module: new WebAssembly.Module(bytes), kind: 'relaxed' };
    if (choice === 'relaxed') {
      throw new KernelsError(
        `Node ${process.versions.node} has no relaxed SIMD, which relaxed kernels need; use Node 22 or later, or "kernels": "strict" or "auto"`,
      );
    }
  }
  return { module: new WebAssembly.Module(readKernels('strict')), kind: 'strict' };
}

/** The kernels on one memory. Instances on the same memory, in any number of threads, share nothing else. */
export function instantiateKernels(module: WasmModule, memory: WasmMemory): Kernels {
  const { exports } = new WebAssembly.Instance(module, { env: { memory } });
  return { ...(exports as unknown as Kernels), memory, multiplyWorkspace, convolutionWorkspace, columnScratch };
}

function readKernels(kind: KernelKind): NodeJS.NonSharedUint8Array {
  const file = new URL(`${kind}.wasm`, import.meta.url);
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new KernelsError(`the compiled kernels are missing (${file.pathname}); make them with "npm run build:kernels"`, { cause });
  }
}
