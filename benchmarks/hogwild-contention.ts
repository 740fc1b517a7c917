import type { HogwildVariant } from '../lib/scenario/hogwild-mode.js';
import { DEFAULT_WINDOW } from '../lib/training/hogwild/layout.js';
import type { Figures } from './hogwild.js';

const CORES = [8, 16, 64];

/**
 * Where the curves go on more cores than there are: an estimate from what two threads measured, and said to be one. An update takes t₁ alone. Of p
 * threads' writes the last to a line was another core's with probability (p − 1)/p, and fetching what it wrote costs m in all:
 *   t(p) = t₁ + m·(p − 1)/p, m from t(2), and p/t(p) updates a second
 * but a line that a share Δ of the updates writes moves once in τ at most (τ measured on two coordinates of one line), so there are no more than
 * 1/(Δτ) updates a second, times the window where they are gathered. One lock and turns admit one update at a time: what two threads
 * reach is all that there is. It leaves out memory bandwidth, sockets and simultaneous multithreading.
 */
export function contention(problem: string, delta: number, line: number, serial: number, figures: ReadonlyMap<HogwildVariant, Figures>): string[] {
  const measured = `measured: an update alone ${nanoseconds(1 / serial)}, a line that two cores write ${nanoseconds(line)} an update, Δ = ${delta.toPrecision(2)}`;
  const curves = [...figures].flatMap(([variant, { overSerial }]) => (variant === 'serial' ? [] : [`${variant} ${CORES.map((cores) => estimate(variant, cores, overSerial, delta * line * serial).toFixed(1)).join(' / ')}`]));
  return [`${problem}: ${measured}`, `  estimate, not measured, × serial on ${CORES.join(' / ')} cores: ${curves.join('; ')}`];
}

/** Times the serial speed. `handover`: Δ·τ in units of t₁. */
function estimate(variant: HogwildVariant, cores: number, onTwo: number, handover: number): number {
  if (variant === 'lock' || variant === 'round-robin') return onTwo;
  // In units of t₁; noise may make two threads more than twice as fast as one.
  const extra = Math.max(0, 2 * (2 / onTwo - 1));
  const free = cores / (1 + (extra * (cores - 1)) / cores);
  return Math.min(free, (variant === 'gathered' ? DEFAULT_WINDOW : 1) / handover);
}

function nanoseconds(seconds: number): string {
  return `${(1e9 * seconds).toFixed(0)} ns`;
}
