import { Stream } from '../data/random.js';
import type { RunConfiguration } from '../scenario/configuration.js';

/** Which workers lie, in ascending order. */
export function byzantineWorkers({ workers, byzantine, seed }: Pick<RunConfiguration, 'workers' | 'byzantine' | 'seed'>): number[] {
  const { count, placement } = byzantine;
  switch (placement) {
    case 'first':
      return Array.from({ length: count }, (_, i) => i);
    case 'spread':
      return Array.from({ length: count }, (_, i) => Math.floor((i * workers) / count));
    case 'seeded':
      return new Stream(seed, 'placement')
        .shuffle(Array.from({ length: workers }, (_, i) => i))
        .slice(0, count)
        .sort((a, b) => a - b);
  }
}
