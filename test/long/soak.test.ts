import { readdirSync } from 'node:fs';
import t from 'tap';
import { simulate } from '../../lib/index.js';
import { runAll, small } from '../training/small.js';

/** Threads of this process, as the system counts them; undefined where it does not tell. */
function threadsNow(): number | undefined {
  try {
    return readdirSync('/proc/self/task').length;
  } catch {
    return undefined;
  }
}

const QUICK = { workers: 3, dataset: { name: 'digits', trainSamples: 60, testSamples: 20 }, model: 'softmax-regression', aggregator: 'mean', batchSize: 4, rounds: 3 };

t.test('many short runs, some of which fail or are aborted, leave no threads and no handles behind', { timeout: 1_200_000 }, async (t) => {
  const once = async (index: number): Promise<void> => {
    const controller = new AbortController();
    const simulation = simulate({ ...QUICK, seed: index, rounds: index % 3 === 1 ? 1_000_000 : 3 }, { threads: 1 + (index % 3), signal: controller.signal });
    if (index % 3 === 1) {
      for await (const { round } of simulation) {
        if (round === 2) break;
      }
      controller.abort(new Error('enough'));
    }
    await simulation.result.catch(() => undefined);
  };
  for (let index = 0; index < 10; index++) await once(index);
  const before = { threads: threadsNow(), resources: process.getActiveResourcesInfo().length };
  for (let index = 0; index < 40; index++) await once(index);
  await new Promise((resolve) => setTimeout(resolve, 200));
  t.equal(threadsNow(), before.threads, 'threads');
  t.ok(process.getActiveResourcesInfo().length <= before.resources, process.getActiveResourcesInfo().join(' '));
});

t.test('two hundred runs on one pool are each like the first', { timeout: 1_200_000 }, async (t) => {
  const runs = Array.from({ length: 200 }, () => small({ rounds: 2, evaluateEvery: 2, attack: 'alie', aggregator: 'krum' }));
  const hashes = (await runAll(runs, 3)).map(({ result }) => result.parametersHash);
  t.equal(new Set(hashes).size, 1);
});
