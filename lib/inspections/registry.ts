import { registry } from '../registry/registry.js';
import { activationClustering } from './activation-clustering.js';
import type { Inspection } from './inspection.js';

/** Every inspection, in the order of the catalogue. */
export const INSPECTIONS = registry<Inspection>('inspection', [activationClustering]);
