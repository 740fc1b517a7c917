import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { extract } from 'tar';
import { DataError } from './dataset.js';
import { DOWNLOAD_SOURCES, type DownloadSource, type PublishedFile } from './download-sources.js';
import { downloadFile, isIntact, storageError, type DownloadOptions } from './download-file.js';

export type { DownloadOptions, DownloadProgress } from './download-file.js';

export interface DatasetDownloadOptions extends DownloadOptions {
  /** Fetch from here alone and not from the public mirrors: an address that a file's name is appended to. */
  readonly baseUrl?: string;
}

/**
 * Downloads the data set `name` into its subfolder of `folder` and returns that subfolder. Files that are there and have the
 * published SHA-256 are left alone; damaged ones are replaced. An interrupted download goes on where it ended.
 *
 * Throws a DataError when the data set is not one to download, when no mirror gives a file with the published SHA-256 (it says what
 * each of them did), or when the folder can't be written; and `signal`'s reason when it is aborted.
 */
export async function downloadDataset(name: string, folder: string, options: DatasetDownloadOptions = {}): Promise<string> {
  const source = DOWNLOAD_SOURCES.get(name);
  if (source === undefined) {
    throw new DataError(`the data set "${name}" can't be downloaded; those that can: ${[...DOWNLOAD_SOURCES.keys()].join(', ')}`);
  }
  const { baseUrl } = options;
  return fetchSource(baseUrl === undefined ? source : { ...source, mirrors: [baseUrl] }, folder, options);
}

/** As `downloadDataset`, from a source of the caller's. */
export async function fetchSource(source: DownloadSource, folder: string, options: DownloadOptions = {}): Promise<string> {
  const place = join(folder, source.folder);
  try {
    await mkdir(place, { recursive: true });
  } catch (cause) {
    throw storageError(place, cause);
  }
  if (source.archive === undefined) {
    for (const file of source.files) await downloadFile(file, source.mirrors, place, options);
  } else if (!(await areIntact(source.files, place))) {
    const archive = await downloadFile(source.archive, source.mirrors, place, options);
    await unpack(archive, source.files, place);
    await rm(archive, { force: true });
  }
  return place;
}

async function areIntact(files: readonly PublishedFile[], place: string): Promise<boolean> {
  for (const file of files) {
    if (!(await isIntact(join(place, file.name), file))) return false;
  }
  return true;
}

/** Unpacks the wanted members, whatever folder they have in the archive, beside their final place; moves them when they are verified. */
async function unpack(archive: string, files: readonly PublishedFile[], place: string): Promise<void> {
  const wanted = new Set(files.map((file) => file.name));
  const unpacked = join(place, 'unpacked.part');
  try {
    await rm(unpacked, { recursive: true, force: true });
    await mkdir(unpacked);
    await extract({ file: archive, cwd: unpacked, strip: 1, strict: true, filter: (path) => wanted.has(path.slice(path.indexOf('/') + 1)) });
    for (const file of files) {
      if (!(await isIntact(join(unpacked, file.name), file))) {
        throw new DataError(`${archive} has no ${file.name} of ${file.bytes} bytes with the SHA-256 ${file.sha256}`);
      }
    }
    for (const file of files) await rename(join(unpacked, file.name), join(place, file.name));
  } catch (cause) {
    throw storageError(place, cause);
  } finally {
    await rm(unpacked, { recursive: true, force: true });
  }
}
