import { z } from 'zod';
import type { DataAttack } from './attack.js';
import { checkTrigger, resolveTrigger, type Target, target, targetsOf, type Trigger, trigger } from './backdoor.js';

const parameters = z.strictObject({
  trigger,
  target,
  share: z.number().min(0).max(1).default(0.5).describe('of the samples in each batch of a corrupted worker that are triggered and relabelled: a number from 0 to 1'),
});

interface Resolved {
  readonly trigger: Trigger;
  readonly target: Target;
  readonly share: number;
}

/** A backdoor by data poisoning: the corrupted workers do all that honest ones do, with triggered and relabelled samples among theirs. */
export const labelFlipBackdoor: DataAttack<z.input<typeof parameters>, Resolved> = {
  name: 'label-flip-backdoor',
  formula: 'the own gradient on batches of which ⌈share · batchSize⌉ samples carry the trigger and the label target',
  source: 'Gu, Dolan-Gavitt, Garg 2017',
  precondition: 'the pattern lies within the images, the targets are classes',
  parameters,
  presets: {},
  expressions: [],
  resolve({ trigger: given, target: wanted, share = 0.5 }) {
    const resolved = resolveTrigger(given);
    return { trigger: resolved, target: wanted ?? (resolved.kind === 'sample' ? 'next' : 0), share };
  },
  check: () => undefined,
  warn: (_, { share }) => (share === 0 ? 'label-flip-backdoor with share = 0 poisons nothing' : undefined),
  backdoor({ trigger: wanted, target: answers }, shape) {
    checkTrigger('label-flip-backdoor', wanted, shape);
    return { trigger: wanted, targets: targetsOf('label-flip-backdoor', answers, shape.classes) };
  },
  poison: ({ share }, classes) => ({ labels: Array.from({ length: classes }, (_, label) => label), planted: share }),
};
