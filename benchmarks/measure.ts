import { availableParallelism, cpus } from 'node:os';
import { interquartileRange, median, min } from 'simple-statistics';

/** Seconds of one call, over several. */
export interface Timing {
  readonly median: number;
  /** Of the fastest call: what the machine can do when nothing else runs. */
  readonly fastest: number;
  /** Interquartile range over the median. */
  readonly spread: number;
  readonly repeats: number;
}

export interface Effort {
  /** Calls that are timed, at least. */
  readonly repeats: number;
  /** Seconds that the timed calls take together, at least. */
  readonly seconds: number;
}

const EFFORT: Effort = { repeats: 15, seconds: 0.5 };

/** Calls before the timed ones, so that the kernels' optimized code is in place: V8 replaces its first, quick code in the background. */
const WARM_UP_SECONDS = 0.3;

/** Times a call, after a warm-up. */
export async function measure(call: () => unknown, effort: Effort = EFFORT): Promise<Timing> {
  const warmUntil = performance.now() + 1000 * WARM_UP_SECONDS;
  do await call();
  while (performance.now() < warmUntil);

  const seconds: number[] = [];
  for (let total = 0; seconds.length < effort.repeats || total < effort.seconds; ) {
    const start = performance.now();
    await call();
    const elapsed = (performance.now() - start) / 1000;
    seconds.push(elapsed);
    total += elapsed;
  }
  return timing(seconds);
}

/**
 * Times several calls in turn, so that a machine that slows down for a while slows them all: what ratios need.
 */
export async function measureTogether<Name extends string>(calls: Readonly<Record<Name, () => unknown>>, effort: Effort = EFFORT): Promise<Record<Name, Timing>> {
  const entries = Object.entries(calls) as [Name, () => unknown][];
  const seconds = new Map(entries.map(([name]) => [name, [] as number[]]));
  const warmUntil = performance.now() + 1000 * WARM_UP_SECONDS * entries.length;
  do for (const [, call] of entries) await call();
  while (performance.now() < warmUntil);

  for (let total = 0, round = 0; round < effort.repeats || total < effort.seconds * entries.length; round++) {
    for (const [name, call] of entries) {
      const start = performance.now();
      await call();
      const elapsed = (performance.now() - start) / 1000;
      seconds.get(name)?.push(elapsed);
      total += elapsed;
    }
  }
  return Object.fromEntries([...seconds].map(([name, values]) => [name, timing(values)])) as Record<Name, Timing>;
}

/**
 * Times groups of calls: again and again, all of a group some times in turn, then the next group. So within a group nothing is cold but the first
 * calls, which aren't timed, and a machine that slows down for a second slows a few calls of each group.
 */
export async function measureGroups<Name extends string>(
  groups: ReadonlyMap<string, Readonly<Record<Name, () => unknown>>>, { visits, repeats }: { readonly visits: number; readonly repeats: number },
): Promise<ReadonlyMap<string, Record<Name, Timing>>> {
  const seconds = new Map<string, Map<Name, number[]>>();
  // The first visits warm up the kernels' code and V8's.
  for (let visit = -2; visit < visits; visit++) {
    for (const [group, calls] of groups) {
      const known = seconds.get(group) ?? new Map<Name, number[]>();
      seconds.set(group, known);
      for (let repeat = -1; repeat < repeats; repeat++) {
        for (const [name, call] of Object.entries(calls) as [Name, () => unknown][]) {
          const start = performance.now();
          await call();
          if (visit >= 0 && repeat >= 0) known.set(name, [...(known.get(name) ?? []), (performance.now() - start) / 1000]);
        }
      }
    }
  }
  return new Map([...seconds].map(([group, known]) => [group, Object.fromEntries([...known].map(([name, values]) => [name, timing(values)])) as Record<Name, Timing>]));
}

function timing(seconds: number[]): Timing {
  const middle = median(seconds);
  return { median: middle, fastest: min(seconds), spread: interquartileRange(seconds) / middle, repeats: seconds.length };
}

/** Where a benchmark ran. */
export function machine(): { cpu: string; cores: number; node: string; v8: string } {
  return { cpu: cpus()[0]?.model ?? 'unknown', cores: availableParallelism(), node: process.version, v8: process.versions.v8 };
}
