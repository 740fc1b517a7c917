import { WebAssembly } from '../../lib/memory/webassembly.js';
import { closeSync, openSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';

/**
 * Preloaded into a process, this spoils one kernel in its threads: from the time on that the kernel is called for the `call`-th time in a
 * thread, it throws, ends the thread or never returns. The variable SABOTAGE says which. The main thread's kernels stay whole.
 */
export interface Sabotage {
  readonly kernel: string;
  readonly call: number;
  readonly deed: 'throw' | 'exit' | 'spin';
  /** A file that the first thread makes which comes so far: the others stay whole. */
  readonly once?: string;
}

const order = process.env['SABOTAGE'];
if (!isMainThread && order !== undefined) spoil(JSON.parse(order) as Sabotage);

function isFirst(file: string): boolean {
  try {
    closeSync(openSync(file, 'wx'));
    return true;
  } catch {
    return false;
  }
}

function spoil({ kernel, call, deed, once }: Sabotage): void {
  const Instance = WebAssembly.Instance;
  let calls = 0;
  const spoilt = (whole: (...values: unknown[]) => unknown) => (...values: unknown[]): unknown => {
    calls += 1;
    if (calls === call && (once === undefined || isFirst(once))) {
      if (deed === 'throw') throw new Error('sabotage');
      if (deed === 'exit') process.exit(7);
      for (;;);
    }
    return whole(...values);
  };
  (WebAssembly as { Instance: unknown }).Instance = class {
    readonly exports: Record<string, unknown>;

    constructor(...given: ConstructorParameters<typeof Instance>) {
      const { exports } = new Instance(...given);
      this.exports = { ...exports, [kernel]: spoilt(exports[kernel] as (...values: unknown[]) => unknown) };
    }
  };
}
