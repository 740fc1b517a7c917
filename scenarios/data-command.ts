import cliProgress from 'cli-progress';
import { downloadDataset } from '../lib/data/download.js';
import { dataFolders } from '../lib/data/search-path.js';
import { Interrupted } from './errors.js';

/** `byzantium data NAME`: downloads a data set into the first folder that runs look in. Throws a DataError; Ctrl-C keeps what has arrived. */
export async function dataCommand(name: string, options: { data?: string; baseUrl?: string }): Promise<void> {
  const folder = dataFolders(options.data)[0] ?? 'data';
  const controller = new AbortController();
  const interrupt = (): void => {
    controller.abort(new Interrupted('interrupted; what has arrived is kept, and the same command goes on from there'));
  };
  process.once('SIGINT', interrupt);
  const bar = new cliProgress.SingleBar({ stream: process.stderr, noTTYOutput: false, hideCursor: true, format: '{bar}  {percentage} %  {file}' });
  bar.start(1, 0, { file: '' });
  try {
    const place = await downloadDataset(name, folder, {
      ...(options.baseUrl === undefined ? {} : { baseUrl: options.baseUrl }),
      signal: controller.signal,
      onProgress: ({ file, received, total }) => {
        bar.setTotal(total);
        bar.update(received, { file });
      },
    });
    bar.stop();
    process.stdout.write(`${name} is complete and verified in ${place}\n`);
  } finally {
    bar.stop();
    process.off('SIGINT', interrupt);
  }
}
