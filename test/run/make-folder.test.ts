import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import t from 'tap';
import { makeFolder } from '../../lib/run/make-folder.js';

t.test('a folder and those above it are made, and made again without harm', async (t) => {
  const folder = t.testdir({ a: {} });
  const path = join(folder, 'a', 'b', 'c');
  t.same(makeFolder(path), [join(folder, 'a', 'b'), path], 'and those that are new are named');
  t.ok(existsSync(path));
  t.same(makeFolder(path), []);
});

t.test('several that make the same folders at once all succeed', async (t) => {
  const path = join(t.testdir(), ...Array.from({ length: 40 }, (_, level) => String(level)));
  const threads = 4;
  // Each counts itself in and waits for the others, so that all begin together.
  const source = `
    import { workerData } from 'node:worker_threads';
    import { makeFolder } from ${JSON.stringify(new URL('../../lib/run/make-folder.js', import.meta.url).href)};
    Atomics.add(workerData.ready, 0, 1);
    while (Atomics.load(workerData.ready, 0) < ${threads});
    makeFolder(workerData.path);
  `;
  const ready = new Int32Array(new SharedArrayBuffer(4));
  const url = new URL(`data:text/javascript,${encodeURIComponent(source)}`);
  const ends = Array.from({ length: threads }, () => {
    const worker = new Worker(url, { workerData: { ready, path } });
    return new Promise((resolve, reject) => worker.once('exit', resolve).once('error', reject));
  });
  t.same(await Promise.all(ends), [0, 0, 0, 0]);
  t.ok(existsSync(path));
});

t.test('a file in the way is an error, and stays', async (t) => {
  const folder = t.testdir();
  writeFileSync(join(folder, 'taken'), 'mine');
  t.throws(() => { makeFolder(join(folder, 'taken')); }, { message: /taken is there and is no folder/ });
  t.throws(() => { makeFolder(join(folder, 'taken', 'below')); }, { message: /taken/ });
  t.equal(readFileSync(join(folder, 'taken'), 'utf8'), 'mine');
});
