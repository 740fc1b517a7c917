import { cpus, availableParallelism } from 'node:os';
import { readFileSync } from 'node:fs';
import { configurationHash } from '../scenario/hash.js';
import type { PinnedConfiguration } from '../scenario/configuration.js';
import type { Manifest, RunResult } from './records.js';

/** What the manifest says that neither the configuration nor the result does. */
export interface ManifestFacts
  extends Pick<Manifest['manifest'], 'label' | 'arenaBytes' | 'started' | 'resolved' | 'data' | 'byzantineWorkers' | 'warnings' | 'labelHistogram' | 'asynchronous' | 'backdoor' | 'hogwild'> {
  readonly configuration: PinnedConfiguration;
}

/** A run's manifest: its pinned configuration, and beside it in `manifest` what ran, where, and what came out. Ends with the parameters' hash. */
export function manifestOf({ config: _, parametersHash, ...result }: RunResult, facts: ManifestFacts): Manifest {
  const { configuration, label, arenaBytes, started, ...known } = facts;
  return {
    ...configuration,
    manifest: {
      label,
      configurationHash: configurationHash(configuration),
      versions: { byzantium: packageVersion(), node: process.version, v8: process.versions.v8 },
      kernels: result.kernels,
      threads: result.threads,
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: availableParallelism(),
      arenaBytes,
      started,
      ...known,
      result,
      parametersHash,
    },
  };
}

export function packageVersion(): string {
  const file = readFileSync(new URL('../../../package.json', import.meta.url), 'utf8');
  return String((JSON.parse(file) as { version: unknown }).version);
}
