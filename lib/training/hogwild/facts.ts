import type { HogwildFacts } from '../../run/records.js';
import type { HogwildVariant } from '../../scenario/hogwild-mode.js';

/** What the manifest says of every HOGWILD! run. */
export function factsOfVariant(variant: HogwildVariant): Pick<HogwildFacts, 'clock' | 'note' | 'variant'> {
  const alone = variant === 'serial';
  return {
    clock: alone ? 'none' : 'real',
    note: alone ? 'one thread alone: the same scenario gives the same bits' : 'threads run on the real clock and race: the same scenario may give other bits',
    variant,
  };
}
