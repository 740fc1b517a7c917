import { createHash } from 'node:crypto';
import type { RunConfiguration } from './configuration.js';

/**
 * SHA-256, lower-case hexadecimal, of a run's configuration: of its canonical JSON (keys in one fixed order, no spaces) without
 * the `name`, which says nothing about the result.
 */
export function configurationHash(configuration: RunConfiguration): string {
  return createHash('sha256').update(canonicalJson(withoutPlaces({ ...configuration, name: undefined }))).digest('hex');
}

/** Where a module's file lies says nothing about the result: what it is, by its SHA-256, does. */
function withoutPlaces(configuration: object): unknown {
  return JSON.parse(JSON.stringify(configuration, (_, item: unknown) => (typeof item === 'object' && item !== null && ('module' in item || 'tfjs' in item) && 'sha256' in item ? { ...item, module: undefined, tfjs: undefined } : item)));
}

/** JSON with every object's keys in one fixed order, so that equal values give equal text. */
export function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) =>
    typeof item === 'object' && item !== null && !Array.isArray(item)
      ? Object.fromEntries(Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1)))
      : item,
  );
}
