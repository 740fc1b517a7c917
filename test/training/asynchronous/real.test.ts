import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { expand, simulate } from '../../../lib/index.js';
import { POLICIES } from '../../../lib/policies/registry.js';
import { checkSchedule, readSchedule, type RecordedSchedule, type ScheduleEvent } from '../../../lib/run/recorded-schedule.js';
import type { RoundRecord } from '../../../lib/run/records.js';
import type { RunConfiguration } from '../../../lib/scenario/configuration.js';
import { execute, type ExecutedRun } from '../../../lib/training/execute.js';
import { planSession, Session } from '../../../lib/training/session.js';
import { SMALL, small } from '../small.js';

const MODE = { name: 'asynchronous', clock: 'real' };
const ruleFor = (policy: string): string => (POLICIES.get(policy).rowsAtRule({ n: 13, f: 2, d: 1 }, POLICIES.get(policy).resolve({}, { n: 13, f: 2, d: 1 })) === undefined ? 'mean' : 'trimmed-mean');

interface Outcome extends ExecutedRun {
  readonly records: readonly RoundRecord[];
  readonly schedule: RecordedSchedule;
}

/** Runs on a pool of so many threads, each with its schedule noted, or following the one given in its place. */
async function runAll(configurations: readonly RunConfiguration[], threads: number, replay?: readonly RecordedSchedule[]): Promise<Outcome[]> {
  const options = { threads, dataFolders: [], stallTimeout: 60 };
  const session = await Session.open(await planSession(configurations, options), options);
  const outcomes: Outcome[] = [];
  try {
    for (const [index, planned] of session.plan.runs.entries()) {
      const records: RoundRecord[] = [];
      const events: ScheduleEvent[] = [];
      const note = { arrival: (event: ScheduleEvent) => { events.push(event); }, crash: (crash: number) => { events.push({ crash }); } };
      const run = await execute(session, planned, (record) => { records.push(record); }, undefined, { note, replay: replay?.[index] });
      const { rounds, parametersHash, kernels } = run.result;
      outcomes.push({ ...run, records, schedule: { file: 'memory', scenario: { ...planned.configuration, kernels }, events, end: { events: events.length, rounds, parametersHash } } });
    }
  } finally {
    await session.close();
  }
  return outcomes;
}

/** What a replay has in common with the run on the real clock. */
function essence({ result, records }: Outcome): unknown {
  const { seconds: _, roundsPerSecond: __, threads: ___, ...same } = result;
  return {
    ...same,
    records: records.map(({ seconds: ____, asynchronous, ...record }) => {
      const { torn: _____, ...rest } = asynchronous!;
      return { ...record, asynchronous: rest };
    }),
  };
}

const SETTINGS: readonly RunConfiguration[] = [
  ...POLICIES.names.map((policy) => small({ aggregator: ruleFor(policy), attack: 'alie', rounds: 12, evaluateEvery: 5, mode: { ...MODE, policy, damping: 'inverse' } })),
  small({ aggregator: 'mean', attack: { name: 'flood', factor: 3 }, rounds: 30, momentum: { placement: 'worker', beta: 0.9 }, mode: { ...MODE, policy: 'async-sgd' } }),
  small({ aggregator: 'krum', attack: 'stale', rounds: 8, momentum: { placement: 'server', beta: 0.9 }, mode: { ...MODE, policy: 'latest' } }),
  small({ aggregator: 'median', attack: { name: 'silent', start: 2 }, rounds: 8, momentum: { placement: 'worker', beta: 0.9 }, weightDecay: 0.01, mode: { ...MODE, policy: 'latest' } }),
  small({ aggregator: 'median', attack: 'label-flip', rounds: 5, mode: { ...MODE, policy: 'buffered' } }),
  small({ attack: 'nan', rounds: 10, mode: { ...MODE, policy: 'async-sgd' } }),
];

t.test('threads that run free train, for every policy and under attacks; a recorded run is done again to the same hash, by 1, 2 and 3 threads', async (t) => {
  const real = await runAll(SETTINGS, 2);
  for (const { result, asynchronous } of real) {
    t.equal(result.status, 'completed', JSON.stringify(result.config.mode));
    t.match(asynchronous, { clock: 'real', repeatable: false, note: /may give other bits/ });
    t.ok(asynchronous!.stepsPerSecond! > 0 && asynchronous!.rowsPerSecond! >= asynchronous!.stepsPerSecond!);
  }
  for (const threads of [1, 2, 3]) {
    const again = await runAll(SETTINGS, threads, real.map(({ schedule }) => schedule));
    again.forEach((outcome, index) => {
      t.same(essence(outcome), essence(real[index]!), `${JSON.stringify(outcome.result.config.mode)}, ${threads} threads`);
      t.match(outcome.asynchronous, { clock: 'virtual', repeatable: true, replay: { parametersHash: real[index]!.result.parametersHash, same: true } });
    });
  }
});

t.test('with a thread a worker, and with one thread for all, every worker is heard, no gradient comes twice, and versions are no newer than the server', async (t) => {
  const configuration = small({ byzantine: 0, rounds: 150, mode: { ...MODE, policy: 'async-sgd' } });
  for (const threads of [1, 13]) {
    const [{ schedule, records, asynchronous }] = (await runAll([configuration], threads)) as [Outcome];
    const arrivals = schedule.events.filter((event) => 'worker' in event);
    t.equal(arrivals.length, 150);
    t.ok(asynchronous!.arrivals.every((count) => count > 0), `${threads} threads: ${String(asynchronous!.arrivals)}`);
    arrivals.forEach(({ version }, step) => { if (version > step) t.fail(`version ${version} before step ${step}`); });
    for (let worker = 0; worker < 13; worker++) {
      const gradients = arrivals.filter((one) => one.worker === worker).map(({ gradient }) => gradient);
      t.ok(gradients.every((gradient, k) => k === 0 || gradient > gradients[k - 1]!));
    }
    t.same(records.map(({ asynchronous: record }) => record!.used[0]!.staleness), arrivals.map(({ version }, step) => step - version));
    t.ok(records.every(({ asynchronous: record }, k) => k === 0 || record!.time >= records[k - 1]!.asynchronous!.time));
  }
});

t.test('silent workers are heard no more, and when all are silent or the schedule is over the run says so', async (t) => {
  const silent = small({ aggregator: 'trimmed-mean', attack: { name: 'silent' }, rounds: 6, mode: { ...MODE, policy: 'latest' } });
  const [run] = await runAll([silent], 2);
  t.ok(run!.schedule.events.every((event) => 'worker' in event && event.worker >= 2));
  // With a thread a worker, those of silent workers have nothing to do. Evaluations stop all threads and let them go on: none may take up another's worker.
  const [alone] = await runAll([{ ...silent, evaluateEvery: 1 }], 13);
  t.match(alone!.result, { status: 'completed', reason: undefined });
  t.ok(alone!.schedule.events.every((event) => 'worker' in event && event.worker >= 2));
  // `latest` waits for the rows of n − f workers, and so many aren't there.
  const cut = { ...run!.schedule, events: run!.schedule.events.slice(0, 8), end: undefined };
  const [ended] = await runAll([silent], 2, [cut]);
  t.match(ended!.result, { status: 'diverged', reason: /the schedule ends/ });
});

t.test('what means nothing on a clock is refused, with what to do', async (t) => {
  const refused = (mode: object, message: RegExp) => t.throws(() => expand({ ...SMALL, mode: { name: 'asynchronous', ...mode } }), { name: 'ScenarioError', message });
  refused({ clock: 'real', speed: { distribution: 'constant' } }, /mode\.speed: on the real clock .*"clock": "virtual"/);
  refused({ clock: 'real', slow: { count: 1, factor: 2 } }, /mode\.slow/);
  refused({ clock: 'real', crashes: [{ worker: 1, at: 1 }] }, /mode\.crashes/);
  refused({ clock: 'real', tolerateCrashes: 13 }, /mode\.tolerateCrashes.*at most 12/);
  refused({ tolerateCrashes: 1 }, /mode\.tolerateCrashes.*mode\.crashes says/);
  refused({ clock: 'wall' }, /mode\.clock/);
  const [run] = expand({ ...SMALL, mode: MODE });
  t.same(expand(run!.configuration)[0]!.configuration, run!.configuration, 'a manifest, with its defaults written out, can be handed back');
});

t.test('a schedule is left in the run\'s folder and followed from there; one that is cut, broken or another scenario\'s is refused, with the line or the keys', async (t) => {
  const folder = t.testdir();
  const scenario = { ...SMALL, rounds: 6, aggregator: 'median', mode: MODE };
  const out = join(folder, 'run');
  const { parametersHash } = await simulate(scenario, { threads: 2, out, record: true }).result;
  for (const replay of [out, join(out, 'schedule.jsonl')]) t.equal((await simulate(scenario, { threads: 2, replay }).result).parametersHash, parametersHash);

  const { events, end, scenario: recorded } = readSchedule(out);
  t.equal(end?.parametersHash, parametersHash);
  checkSchedule(readSchedule(out), { ...recorded, name: 'another' });
  t.throws(() => { checkSchedule(readSchedule(out), { ...recorded, kernels: recorded.kernels === 'strict' ? 'relaxed' : 'strict' }); }, { name: 'ReplayError', message: /other bits/ });
  await t.rejects(simulate({ ...scenario, seed: 2 }, { threads: 1, replay: out }).result, { name: 'ReplayError', message: /seed is 1 there and 2 here/ });

  const head = JSON.stringify({ format: 'byzantium-schedule', version: 1, scenario: recorded });
  const refused = (lines: readonly string[], message: RegExp, ending = '\n') => {
    const file = join(folder, 'broken.jsonl');
    writeFileSync(file, lines.join('\n') + ending);
    t.throws(() => readSchedule(file), { name: 'ReplayError', message });
  };
  const arrival = (changes: object) => JSON.stringify({ ...events[0], ...changes });
  t.throws(() => readSchedule(join(folder, 'nowhere')), { name: 'ReplayError', message: /nowhere can't be read.*--record/ });
  refused(['{}'], /broken\.jsonl:1: .*format/);
  refused([head, '{"worker"'], /:2: not JSON/);
  refused([head, arrival({})], /:2: the line is cut off/, '');
  refused([head, arrival({ worker: 13 })], /:2: there is no worker 13: the scenario has 13/);
  refused([head, arrival({ version: -1 })], /:2: version/);
  refused([head, arrival({ speed: 1 })], /:2: .*speed/);
  refused([head, arrival({ worker: 0, gradient: 4 }), arrival({ worker: 0, gradient: 4 })], /:3: worker 0 can't send gradient 4.*both only grow/);
  refused([head, JSON.stringify({ end: { ...end, events: 0 } }), arrival({})], /:3: nothing follows/);
  refused([head, ...events.filter((_, place) => place !== 4).map((event) => JSON.stringify(event)), JSON.stringify({ end })], new RegExp(`: ${events.length} lines of rows and crashes came before this one when it was written, and here are ${events.length - 1}$`));

  const replayed = async (changed: readonly object[]) => {
    const file = join(folder, 'foreign.jsonl');
    writeFileSync(file, `${[head, ...changed.map((event) => JSON.stringify(event))].join('\n')}\n`);
    return simulate(scenario, { threads: 1, replay: file }).result;
  };
  await t.rejects(replayed([{ worker: 0, version: 3, gradient: 0, time: 0 }]), { name: 'ReplayError', message: /use version 3 of the parameters when there are only 0/ });
  await t.rejects(replayed([...events.slice(0, 2), { end: { ...end, events: 2 } }]), { name: 'ReplayError', message: /foreign\.jsonl: its rows make \d steps, and its last line says that the server took 6: lines are missing/ });
});

t.test('record and replay are refused where they mean nothing', (t) => {
  const scenario = { ...SMALL, mode: MODE };
  const refused = (changes: object, options: object, message: RegExp) => t.throws(() => simulate({ ...scenario, ...changes }, options), { name: 'OptionError', message });
  refused({ mode: 'asynchronous' }, { record: true, out: 'x' }, /record is for runs on the real clock/);
  refused({ mode: 'synchronous' }, { replay: 'x' }, /replay is for runs on the real clock/);
  refused({}, { record: true }, /needs out/);
  refused({}, { record: true, out: 'x', replay: 'x' }, /exclude each other/);
  refused({}, { record: 1 }, /record of simulate has to be true or false/);
  t.end();
});
