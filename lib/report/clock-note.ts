import type { Clock, RunGroup } from './summary.js';

/** What a time on each clock is. */
const TIMES: Readonly<Record<Clock, string>> = {
  virtual: 'virtual',
  real: 'on the real clock, in seconds of training',
  replayed: 'of a recorded run on the real clock, in its seconds of training',
};

/** Which clock the groups' times are on, in a sentence; undefined when no run has a clock. */
export function clockNote(groups: readonly RunGroup[]): string | undefined {
  const clocks = [...new Set(groups.flatMap((group) => group.clocks))];
  if (clocks.length === 0) return undefined;
  if (clocks.length === 1) return `Times are ${clocks.map((clock) => TIMES[clock]).join()}.`;
  return `Times are on more than one clock: some are ${clocks.map((clock) => TIMES[clock]).join('; some ')}.`;
}
