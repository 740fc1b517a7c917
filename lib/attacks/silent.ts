import { timingAttack } from './timing.js';

/** Byzantine workers that stop for ever: what a rule that waits for everybody dies of. */
export const silent = timingAttack({
  name: 'silent',
  formula: 'sends nothing from its first row in the attack window on, for ever',
  timing: () => ({ kind: 'silent' }),
});
