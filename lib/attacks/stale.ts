import { timingAttack } from './timing.js';

/** An honest row, but an old one: it passes every check of how a gradient looks, and pulls back to where training was. */
export const stale = timingAttack({
  name: 'stale',
  formula: 'its own first honest row in the attack window, sent again and again',
  timing: () => ({ kind: 'stale' }),
});
