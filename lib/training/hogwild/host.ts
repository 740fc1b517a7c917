import type { Kernels } from '../../kernels/kernels.js';
import type { Arena } from '../../memory/arena.js';
import { addressOf, type Address } from '../../memory/regions.js';
import { EVALUATION_BLOCK, SHARING, type HogwildSetup } from './setup.js';

/** The kernel that makes a problem's updates. */
const UPDATES = { classification: 'svmUpdates', matrix: 'factorUpdates', graph: 'cutUpdates' } as const;

/** What a thread does in a HOGWILD! run. */
export class HogwildHost {
  readonly #setup: HogwildSetup;
  readonly #kernels: Kernels;
  readonly #results: Float64Array;
  readonly #update: Kernels['svmUpdates'];
  readonly #job: Address;
  readonly #countingJob: Address;
  readonly #threads: number;
  readonly #byzantine: ReadonlySet<number>;

  constructor(setup: HogwildSetup, arena: Arena, kernels: Kernels, thread: number) {
    const [job, countingJob] = [setup.jobs[thread], setup.countingJobs[thread]];
    if (job === undefined || countingJob === undefined) throw new RangeError(`thread ${thread} has no job`);
    this.#setup = setup;
    this.#kernels = kernels;
    this.#results = arena.view(setup.evaluation.results);
    const name = UPDATES[setup.kind];
    this.#update = (...given) => kernels[name](...given);
    this.#job = job;
    this.#countingJob = countingJob;
    this.#threads = setup.jobs.length;
    this.#byzantine = new Set(setup.byzantine);
  }

  /** One chunk of an epoch. Arguments: first position, end, sharing, step. */
  update(chunk: number, argument: (index: number) => number): void {
    this.#share(chunk, argument, (first, end, every, worker) => {
      const { write } = this.#setup;
      const step = argument(3);
      if (write === undefined || !this.#byzantine.has(worker)) this.#update(this.#job, first, end, every, step);
      else if (write.kind === 'sign-flip') this.#update(this.#job, first, end, every, -write.factor * step);
      else if (write.kind === 'gaussian') this.#kernels.hogwildWrite(this.#job, first, end, every, 1, write.deviation);
      else this.#kernels.hogwildWrite(this.#job, first, end, every, 0, write.value);
    });
  }

  /** The same accesses, each of which adds 1 to a counter. All workers are honest here: it is the races that are measured. */
  count(chunk: number, argument: (index: number) => number): void {
    this.#share(chunk, argument, (first, end, every) => {
      this.#update(this.#countingJob, first, end, every, 0);
    });
  }

  /** Argument: which part. Leaves Σ loss and the number of right answers of the chunk. */
  evaluate(chunk: number, argument: (index: number) => number): void {
    const { kind, evaluation } = this.#setup;
    const { parameters, width, stride, vertices, vertexLabels, fixed } = evaluation;
    const part = evaluation.parts[argument(0)];
    if (part === undefined) throw new RangeError(`there is no part ${argument(0)} to evaluate`);
    const { offsets, edgeVertices, values, labels, edges } = part;
    const output = addressOf(evaluation.results, 2 * chunk);
    const first = chunk * EVALUATION_BLOCK;
    const end = Math.min(first + EVALUATION_BLOCK, edges);
    this.#results.fill(0, 2 * chunk, 2 * chunk + 2);
    if (kind === 'classification') this.#kernels.svmEvaluate(parameters, offsets, edgeVertices, values, labels, first, end, output);
    else if (kind === 'matrix') this.#kernels.factorEvaluate(parameters, edgeVertices, values, stride, first, end, output);
    else {
      if (first < end) this.#kernels.cutEvaluate(parameters, edgeVertices, values, width, stride, first, end, output);
      const lastVertex = Math.min(first + EVALUATION_BLOCK, vertices);
      if (first < lastVertex) this.#results[2 * chunk + 1] = this.#kernels.cutCorrect(parameters, fixed, vertexLabels, width, stride, first, lastVertex);
    }
  }

  /** Calls `perform` for each stretch of this chunk that lies in one block, and so belongs to one worker. */
  #share(chunk: number, argument: (index: number) => number, perform: (first: number, end: number, every: number, worker: number) => void): void {
    const { block, workers } = this.#setup;
    const sharing = argument(2);
    const [begin, end] = sharing === SHARING.blocks ? [chunk * block, Math.min((chunk + 1) * block, argument(1))] : [argument(0), argument(1)];
    const every = sharing === SHARING.turns ? this.#threads : 1;
    let position = sharing === SHARING.turns ? begin + chunk : begin;
    while (position < end) {
      const number = Math.floor(position / block);
      const stop = Math.min((number + 1) * block, end);
      perform(position, stop, every, number % workers);
      position += Math.ceil((stop - position) / every) * every;
    }
  }
}
