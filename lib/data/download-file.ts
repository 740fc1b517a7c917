import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { open, rename, rm, stat, statfs, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { ReadableStreamReadResult } from 'node:stream/web';
import { formatBytes } from '../memory/arena.js';
import { DataError } from './dataset.js';
import type { PublishedFile } from './download-sources.js';

export interface DownloadOptions {
  /** Called as bytes arrive, and once for a file that was there already. */
  readonly onProgress?: (progress: DownloadProgress) => void;
  readonly signal?: AbortSignal;
  /** Give a server up after so many milliseconds without a byte; 30,000 unless given. */
  readonly stallTimeout?: number;
}

export interface DownloadProgress {
  readonly file: string;
  /** Bytes on disk, those of an earlier attempt included. */
  readonly received: number;
  readonly total: number;
}

/** How often one mirror is asked for one file: a cut connection is resumed, a bad part is fetched anew. */
const ATTEMPTS = 5;
const STALL_TIMEOUT = 30_000;

/**
 * Gets one file into `place` and returns its path. What has arrived stays in `NAME.part`, which the next attempt continues by an
 * HTTP range, and becomes `NAME` only when its size and SHA-256 are the published ones; a part with a wrong SHA-256 is removed.
 *
 * Throws a DataError that says what each mirror did when none gives the file, or when the disk can't take it; and `signal`'s
 * reason when it is aborted, which keeps the part.
 */
export async function downloadFile(file: PublishedFile, mirrors: readonly string[], place: string, options: DownloadOptions = {}): Promise<string> {
  const path = join(place, file.name);
  if (await isIntact(path, file)) {
    options.onProgress?.({ file: file.name, received: file.bytes, total: file.bytes });
    return path;
  }
  const part = `${path}.part`;
  await checkSpace(place, file.bytes - (await sizeOf(part)));
  const failures: string[] = [];
  for (const mirror of mirrors) {
    if (!URL.canParse(mirror)) throw new DataError(`"${mirror}" is no address to download from`);
    const url = new URL(file.name, mirror.endsWith('/') ? mirror : `${mirror}/`);
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const before = await sizeOf(part);
      try {
        await fetchPart(url, file, part, before, options);
        await verify(part, file);
        await rename(part, path);
        return path;
      } catch (error) {
        options.signal?.throwIfAborted();
        if (!(error instanceof TransferError)) throw storageError(place, error);
        failures.push(`${url.href}: ${error.message}`);
        const worthAnother = error.partIsBad ? before > 0 : (await sizeOf(part)) > before;
        if (error.partIsBad) await rm(part, { force: true });
        if (!worthAnother) break;
      }
    }
  }
  throw new DataError(`${file.name} could not be downloaded:\n${failures.map((failure) => `  ${failure}`).join('\n')}`);
}

/** Whether a file is there and is the published one, byte for byte. */
export async function isIntact(path: string, file: PublishedFile): Promise<boolean> {
  return (await sizeOf(path)) === file.bytes && (await sha256(path)) === file.sha256;
}

/** The error to throw for a failure of the file system: a DataError that says what it means. */
export function storageError(place: string, cause: unknown): unknown {
  if (!(cause instanceof Error) || !('syscall' in cause)) return cause;
  const code = codeOf(cause);
  if (code === 'ENOSPC' || code === 'EDQUOT') return new DataError(`no space is left for ${place}; free some and run the command again: it goes on where it ended`, { cause });
  return new DataError(`${place} can't be written (${cause.message})`, { cause });
}

/** What a server or the network did. `partIsBad`: what is on disk is of no use. */
class TransferError extends Error {
  readonly partIsBad: boolean;
  constructor(message: string, partIsBad: boolean, cause?: unknown) {
    super(message, { cause });
    this.partIsBad = partIsBad;
  }
}

/** Fetches what is missing in `part`, which has `before` bytes. */
async function fetchPart(url: URL, file: PublishedFile, part: string, before: number, options: DownloadOptions): Promise<void> {
  if (before === file.bytes) return;
  if (before > file.bytes) throw new TransferError(`the part on disk has ${before} bytes, expected ${file.bytes}`, true);
  const watch = new Watch(options.stallTimeout ?? STALL_TIMEOUT, options.signal);
  let target: FileHandle | undefined;
  try {
    const response = await transfer(watch, () => fetch(url, { headers: requestHeaders(before), signal: watch.signal }));
    const start = startOf(response, before, file);
    const body = response.body?.getReader();
    if (body === undefined) throw new TransferError('the answer is empty', false);
    target = await open(part, start === 0 ? 'w' : 'a');
    let received = start;
    for (;;) {
      const chunk = (await transfer(watch, () => body.read())) as ReadableStreamReadResult<Uint8Array>;
      if (chunk.done) break;
      received += chunk.value.length;
      if (received > file.bytes) throw new TransferError(`it sends more than the expected ${file.bytes} bytes`, true);
      await target.writeFile(chunk.value);
      options.onProgress?.({ file: file.name, received, total: file.bytes });
    }
    if (received < file.bytes) throw new TransferError(`the connection ended after ${received} of ${file.bytes} bytes`, false);
    await target.sync();
  } finally {
    await target?.close();
    watch.stop();
  }
}

function requestHeaders(before: number): Record<string, string> {
  // Unencoded: a .gz that is unpacked on the way would not be the published file.
  return before > 0 ? { 'accept-encoding': 'identity', range: `bytes=${before}-` } : { 'accept-encoding': 'identity' };
}

/** The position of the answer's first byte in the file. Throws a TransferError when the answer is of no use. */
function startOf(response: Response, before: number, file: PublishedFile): number {
  if (response.status === 416) throw new TransferError(`it refuses to go on after ${before} bytes (HTTP 416)`, true);
  if (!response.ok) throw new TransferError(`HTTP ${response.status} ${response.statusText}`.trimEnd(), false);
  const encoding = response.headers.get('content-encoding');
  if (encoding !== null && encoding !== 'identity') throw new TransferError(`it sends the file with the encoding ${encoding}`, false);
  let start = 0;
  if (response.status === 206) {
    const range = response.headers.get('content-range') ?? '';
    start = Number(/^bytes (\d+)-/.exec(range)?.[1] ?? Number.NaN);
    if (start !== before) throw new TransferError(`asked for the bytes from ${before} on, it sends "${range}"`, true);
  }
  const length = response.headers.get('content-length');
  if (length !== null && start + Number(length) !== file.bytes) {
    throw new TransferError(`it has a file of ${start + Number(length)} bytes, expected ${file.bytes}`, false);
  }
  return start;
}

/** Runs one step on the network and says in words why it failed. */
async function transfer<T>(watch: Watch, step: () => Promise<T>): Promise<T> {
  try {
    const result = await step();
    watch.restart();
    return result;
  } catch (error) {
    if (watch.stalled) throw new TransferError(`nothing arrived for ${watch.timeout / 1000} s`, false, error);
    const { cause } = error as Error;
    throw new TransferError(cause instanceof Error ? cause.message || codeOf(cause) : (error as Error).message, false, error);
  }
}

/** Aborts a transfer when the caller does, or when nothing has arrived for a while. */
class Watch {
  readonly timeout: number;
  stalled = false;
  readonly signal: AbortSignal;
  readonly #controller = new AbortController();
  #timer: NodeJS.Timeout;

  constructor(timeout: number, signal: AbortSignal | undefined) {
    this.timeout = timeout;
    this.signal = signal === undefined ? this.#controller.signal : AbortSignal.any([signal, this.#controller.signal]);
    this.#timer = this.#start();
  }

  restart(): void {
    clearTimeout(this.#timer);
    this.#timer = this.#start();
  }

  /** Also drops the connection, when the answer was not read to its end. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#controller.abort();
  }

  #start(): NodeJS.Timeout {
    return setTimeout(() => {
      this.stalled = true;
      this.#controller.abort();
    }, this.timeout);
  }
}

function codeOf(error: Error): string {
  return (error as NodeJS.ErrnoException).code ?? error.name;
}

async function verify(part: string, file: PublishedFile): Promise<void> {
  const found = await sha256(part);
  if (found !== file.sha256) throw new TransferError(`wrong SHA-256: expected ${file.sha256}, found ${found}; the part is removed`, true);
}

async function checkSpace(place: string, needed: number): Promise<void> {
  let free: number;
  try {
    const { bavail, bsize } = await statfs(place);
    free = bavail * bsize;
  } catch {
    // Some file systems don't say; then the write itself will.
    return;
  }
  if (needed > free) throw new DataError(`${place} has ${formatBytes(free)} free and ${formatBytes(needed)} are needed`);
}

async function sizeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).size;
  } catch {
    return 0;
  }
}

async function sha256(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}
