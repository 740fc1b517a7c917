import fs, { writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';
import t from 'tap';
import { RunFolder } from '../../lib/run/run-folder.js';
import type { PinnedConfiguration } from '../../lib/scenario/configuration.js';
import type { OpenSession } from '../../lib/training/planned-session.js';
import { record } from '../../lib/training/simulate.js';
import { small } from './small.js';

const PINNED: PinnedConfiguration = { ...small({}), kernels: 'strict' };
const IDLE: OpenSession = {
  execute: () => Promise.reject(new Error('no run should have begun')),
  close: () => Promise.resolve(),
};

/** Descriptors that are opened and not closed meanwhile. */
async function leftOpen(action: () => Promise<unknown>): Promise<number> {
  const { openSync, closeSync } = fs;
  const open = new Set<number>();
  fs.openSync = (...args) => {
    const descriptor = openSync(...args);
    open.add(descriptor);
    return descriptor;
  };
  fs.closeSync = (descriptor) => {
    open.delete(descriptor);
    closeSync(descriptor);
  };
  syncBuiltinESMExports();
  try {
    await action();
  } finally {
    Object.assign(fs, { openSync, closeSync });
    syncBuiltinESMExports();
  }
  return open.size;
}

t.test('a schedule that can’t be begun ends the run, and leaves no file open', async (t) => {
  const path = join(t.testdir(), 'run');
  t.equal(await leftOpen(async () => {
    const folder = new RunFolder(path);
    writeFileSync(join(path, 'schedule.jsonl'), 'another’s');
    await t.rejects(record(IDLE, 0, { label: '', folder, pinned: PINNED, note: true }, () => undefined, undefined), { name: 'RunFolderError', message: /EEXIST/ });
  }), 0);
});

t.test('nor does one whose first line finds no room', async (t) => {
  const path = join(t.testdir(), 'run');
  const { writeSync } = fs;
  t.equal(await leftOpen(async () => {
    const folder = new RunFolder(path);
    fs.writeSync = () => { throw new Error('ENOSPC: no space left on device'); };
    syncBuiltinESMExports();
    try {
      await t.rejects(record(IDLE, 0, { label: '', folder, pinned: PINNED, note: true }, () => undefined, undefined), { name: 'RunFolderError', message: /ENOSPC/ });
    } finally {
      fs.writeSync = writeSync;
      syncBuiltinESMExports();
    }
  }), 0);
});
