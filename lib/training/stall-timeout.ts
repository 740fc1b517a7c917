/** Seconds that a timer can be set for: Node's take a 32-bit number of milliseconds, and fire at once when given more. */
const LONGEST_STALL_TIMEOUT = Math.floor((2 ** 31 - 1) / 1000);

/** What a stall timeout has to be, to go after "has to be". */
export const STALL_TIMEOUT_RANGE = `a number of seconds above 0, at most ${LONGEST_STALL_TIMEOUT.toLocaleString('en')}`;

export function isStallTimeout(seconds: unknown): seconds is number {
  return typeof seconds === 'number' && seconds > 0 && seconds <= LONGEST_STALL_TIMEOUT;
}
