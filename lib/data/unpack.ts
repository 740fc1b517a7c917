import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { DataError } from './dataset.js';

/** Large enough that the stream's machinery costs nothing beside the unpacking, small enough to stay in the cache. */
const CHUNK_BYTES = 65_536;

/** A file's bytes, chunk by chunk (`.gz`: unpacked on the way). Throws a DataError that says `remedy` when it can't be read or is damaged. */
export async function* unpackedChunks(path: string, remedy: string): AsyncGenerator<Buffer, void, undefined> {
  const packed = createReadStream(path, { highWaterMark: CHUNK_BYTES });
  const stream = isPacked(path) ? gunzipped(packed) : packed;
  try {
    for await (const chunk of stream) yield chunk as Buffer;
  } catch (cause) {
    throw readError(path, cause, remedy);
  } finally {
    packed.destroy();
  }
}

function gunzipped(packed: Readable): Readable {
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES });
  // pipe() does not hand errors on: a file that can't be read has to end the unpacking too.
  packed.on('error', (error) => gunzip.destroy(error));
  return packed.pipe(gunzip);
}

export function isPacked(path: string): boolean {
  return path.endsWith('.gz');
}

function readError(path: string, cause: unknown, remedy: string): unknown {
  if (cause instanceof DataError || !(cause instanceof Error)) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  const what = code.startsWith('Z_') ? 'is a damaged gzip file' : "can't be read";
  return new DataError(`${path} ${what} (${cause.message}); ${remedy}`, { cause });
}
