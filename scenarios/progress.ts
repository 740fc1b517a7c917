import cliProgress from 'cli-progress';
import type { ProgressListener } from './run-scenario.js';

/** A live line a run on stderr: round, accuracy, rounds a second, time left. Quiet when stderr is no terminal. */
export function terminalProgress(runs: number): ProgressListener {
  let bar: cliProgress.SingleBar | undefined;
  let seconds = 0;
  return {
    begin({ label, configuration }, index) {
      seconds = 0;
      bar = new cliProgress.SingleBar({
        stream: process.stderr,
        noTTYOutput: false,
        hideCursor: true,
        linewrap: false,
        barsize: 16,
        fps: 8,
        format: (options, { progress, value, total }, payload: Payload) =>
          [
            `${String(index + 1).padStart(String(runs).length)}/${runs}`,
            cliProgress.Format.BarFormat(progress, options),
            `round ${value}/${total}`,
            `accuracy ${payload.accuracy}`,
            `${payload.rate} rounds/s`,
            `${payload.left} left`,
            payload.label,
          ].join('  '),
      });
      bar.start(configuration.rounds, 0, { label: label === '' ? configuration.name : label, accuracy: '–', rate: '–', left: '–' } satisfies Payload);
    },
    round({ round, accuracy, seconds: phases }) {
      seconds += phases.gradient + phases.craft + phases.aggregate + phases.evaluate;
      const rate = (round + 1) / seconds;
      const total = bar?.getTotal() ?? 0;
      bar?.update(round + 1, {
        ...(accuracy === undefined ? {} : { accuracy: `${(100 * accuracy).toFixed(1)} %` }),
        rate: rate.toFixed(1),
        left: `${Math.ceil((total - round - 1) / rate)} s`,
      });
    },
    end() {
      bar?.stop();
      bar = undefined;
    },
  };
}

interface Payload {
  readonly label: string;
  readonly accuracy: string;
  readonly rate: string;
  readonly left: string;
}
