import { PreconditionError } from '../aggregators/errors.js';
import type { InspectionReport } from '../inspections/inspection.js';
import { INSPECTIONS } from '../inspections/registry.js';
import type { ArenaPlan } from '../memory/arena.js';
import { f32, u8, type Region } from '../memory/regions.js';
import { mergeParameters } from '../registry/parameters.js';
import type { PlannedRun, Session } from './session.js';
import type { PoolPhases } from './pool-phases.js';
import { EVALUATION_BATCH } from './evaluation-batch.js';

/** What threads find out of the samples that workers have, in the order of their shards. */
export interface InspectionRegions {
  /** Of the last hidden layer, sample after sample. */
  readonly activations: Region<'f32'>;
  /** The label that a sample was trained with. */
  readonly labels: Region<'u8'>;
  /** 1 for a sample that an attack on data changed, else 0. */
  readonly poisoned: Region<'u8'>;
}

/** Throws a PreconditionError for a model without a hidden layer. */
export function planInspection(plan: ArenaPlan, model: string, samples: number, hidden: number): InspectionRegions {
  if (hidden === 0) throw new PreconditionError(`server.inspect: the model ${model} has no hidden layer whose activations could be inspected; take one with at least two layers with weights, or leave the inspection out`);
  return plan.addAll('inspection', { activations: f32(samples * hidden), labels: u8(samples), poisoned: u8(samples) });
}

/** Inspects the finished model, where the scenario asks for it: the threads compute activations, the rest is done here. Samples that the server holds out are not looked at. */
export async function inspectRun({ configuration: { server, seed }, layout: { setup } }: PlannedRun, { arena, plan }: Session, run: PoolPhases): Promise<InspectionReport | undefined> {
  const { inspection: regions } = setup;
  if (server?.inspect === undefined || regions === undefined) return undefined;
  const samples = arena.view(setup.regions.shardOffsets).at(-1) as number;
  await run.host('activations', Math.ceil(samples / EVALUATION_BATCH));

  const activations = arena.view(regions.activations);
  const hidden = activations.length / regions.labels.length;
  const registered = INSPECTIONS.get(server.inspect.name);
  const work = registered.inspect(mergeParameters(registered, server.inspect), {
    activations: Array.from({ length: samples }, (_, sample) => activations.subarray(sample * hidden, (sample + 1) * hidden)),
    labels: arena.view(regions.labels).subarray(0, samples),
    classes: plan.description.classes,
    poisoned: arena.view(regions.poisoned).subarray(0, samples),
    seed,
  });
  for (;;) {
    const step = work.next();
    if (step.done === true) return step.value.report;
    // Between classes, signals and exits of threads are seen.
    await new Promise((resolve) => setImmediate(resolve));
  }
}
