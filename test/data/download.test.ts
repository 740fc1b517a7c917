import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { create } from 'tar';
import t from 'tap';
import { DataError } from '../../lib/data/dataset.js';
import { downloadDataset, fetchSource } from '../../lib/data/download.js';
import { downloadFile, type DownloadProgress } from '../../lib/data/download-file.js';
import { DOWNLOAD_SOURCES, type PublishedFile } from '../../lib/data/download-sources.js';

const CONTENT = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (Math.imul(i, 2_654_435_761) >>> 11) & 255));
const FILE = published('file.gz', CONTENT);

function published(name: string, bytes: Buffer): PublishedFile {
  return { name, bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') };
}

type Answer = (request: IncomingMessage, response: ServerResponse) => void;

/** A server on loopback for one test; `requests` collects each request's path and range. */
async function serve(test: { teardown(handler: () => void): unknown }, answer: Answer): Promise<{ base: string; requests: string[] }> {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.url ?? ''} ${request.headers.range ?? 'whole'}`);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  test.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  return { base: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, requests };
}

/** A well-behaved server: ranges and all. */
const whole =
  (content: Buffer): Answer =>
  (request, response) => {
    const start = startOf(request);
    if (start >= content.length) {
      response.writeHead(416, { 'content-range': `bytes */${content.length}` }).end();
      return;
    }
    const range = start > 0 ? { 'content-range': `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': content.length - start, ...range }).end(content.subarray(start));
  };

const startOf = (request: IncomingMessage): number => Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? 0);

/** Sends `bytes` of what was asked for, then cuts the connection. */
const cutAfter =
  (bytes: number): Answer =>
  (request, response) => {
    const start = startOf(request);
    const range = start > 0 ? { 'content-range': `bytes ${start}-${CONTENT.length - 1}/${CONTENT.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { 'content-length': CONTENT.length - start, ...range });
    response.write(CONTENT.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 30));
  };

const status =
  (code: number): Answer =>
  (_request, response) => {
    response.writeHead(code).end('no such thing');
  };

async function failure(promise: Promise<unknown>): Promise<DataError> {
  const error = await promise.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(error instanceof DataError)) throw new Error(`expected a DataError, got ${String(error)}`);
  return error;
}

t.test('a whole file arrives, is verified and reported', async (t) => {
  const { base, requests } = await serve(t, whole(CONTENT));
  const place = t.testdir();
  const progress: DownloadProgress[] = [];
  const path = await downloadFile(FILE, [base], place, { onProgress: (step) => progress.push(step) });
  t.equal(path, join(place, 'file.gz'));
  t.ok(CONTENT.equals(await readFile(path)));
  t.same(readdirSync(place), ['file.gz'], 'no part is left');
  t.same(progress.at(-1), { file: 'file.gz', received: 300_000, total: 300_000 });
  t.same(requests, ['/file.gz whole']);
});

t.test('a file that is there and intact is not fetched again, a damaged one is replaced', async (t) => {
  const { base, requests } = await serve(t, whole(CONTENT));
  const place = t.testdir({ 'file.gz': CONTENT });
  await downloadFile(FILE, [base], place);
  t.same(requests, []);
  const damaged = Buffer.from(CONTENT);
  damaged[7]! ^= 1;
  await writeFile(join(place, 'file.gz'), damaged);
  await downloadFile(FILE, [base], place);
  t.same(requests, ['/file.gz whole']);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('a part is continued by a range', async (t) => {
  const { base, requests } = await serve(t, whole(CONTENT));
  const place = t.testdir({ 'file.gz.part': CONTENT.subarray(0, 123_456) });
  await downloadFile(FILE, [base], place);
  t.same(requests, ['/file.gz bytes=123456-']);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('a part that is whole already needs no server', async (t) => {
  const place = t.testdir({ 'file.gz.part': CONTENT });
  await downloadFile(FILE, ['http://127.0.0.1:1/'], place);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('a part of other bytes, or of too many, is dropped and the file fetched whole', async (t) => {
  for (const [length, requested] of [
    [1000, ['/file.gz bytes=1000-', '/file.gz whole']],
    [300_000, ['/file.gz whole']],
    [300_001, ['/file.gz whole']],
  ] as const) {
    const { base, requests } = await serve(t, whole(CONTENT));
    const place = t.testdir({ 'file.gz.part': Buffer.alloc(length) });
    await downloadFile(FILE, [base], place);
    t.same(requests, requested);
    t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
  }
});

t.test('a server that ignores the range sends the file from its start', async (t) => {
  const { base } = await serve(t, (_request, response) => response.end(CONTENT));
  const place = t.testdir({ 'file.gz.part': CONTENT.subarray(0, 5000) });
  await downloadFile(FILE, [base], place);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('a connection cut in the middle is resumed', async (t) => {
  const { base, requests } = await serve(t, cutAfter(100_000));
  const place = t.testdir();
  await downloadFile(FILE, [base], place);
  t.same(requests, ['/file.gz whole', '/file.gz bytes=100000-', '/file.gz bytes=200000-']);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('a connection that is always cut ends with an error, and its part goes on at the next mirror', async (t) => {
  const bad = await serve(t, cutAfter(20_000));
  const place = t.testdir();
  const error = await failure(downloadFile(FILE, [bad.base], place));
  t.match(error.message, new RegExp(`^file.gz could not be downloaded:\\n {2}${bad.base}file.gz: `));
  t.equal((await stat(join(place, 'file.gz.part'))).size, 100_000);
  const good = await serve(t, whole(CONTENT));
  await downloadFile(FILE, [bad.base, good.base], place);
  t.same(good.requests, ['/file.gz bytes=200000-']);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
});

t.test('damaged content is refused with both checksums, and removed', async (t) => {
  const damaged = Buffer.from(CONTENT);
  damaged[200_000]! ^= 1;
  const { base, requests } = await serve(t, whole(damaged));
  const place = t.testdir();
  const error = await failure(downloadFile(FILE, [base], place));
  t.match(error.message, `wrong SHA-256: expected ${FILE.sha256}, found ${published('', damaged).sha256}`);
  t.same(readdirSync(place), []);
  t.equal(requests.length, 1, 'the same server is not asked again');
});

t.test('the next mirror is asked when one has no file, other bytes, or another size', async (t) => {
  const none = await serve(t, status(404));
  const other = await serve(t, whole(Buffer.alloc(300_000)));
  const long = await serve(t, whole(Buffer.alloc(300_001)));
  const good = await serve(t, whole(CONTENT));
  const place = t.testdir();
  await downloadFile(FILE, [none.base, other.base, long.base, good.base], place);
  t.ok(CONTENT.equals(await readFile(join(place, 'file.gz'))));
  const error = await failure(downloadFile(FILE, [none.base, long.base], t.testdir()));
  t.match(error.message, `${none.base}file.gz: HTTP 404 Not Found\n  ${long.base}file.gz: it has a file of 300001 bytes, expected 300000`);
});

t.test('what else a server can do wrong', async (t) => {
  const cases: [string, Answer, RegExp][] = [
    ['endless', (_, response) => { for (let i = 0; i < 4; i++) response.write(CONTENT); }, /sends more than the expected 300000 bytes/],
    ['short without a length', (_, response) => { response.write('a'); response.end('b'); }, /the connection ended after 2 of 300000 bytes/],
    ['a web page', (_, response) => response.setHeader('content-length', 4).end('page'), /it has a file of 4 bytes, expected 300000/],
    ['encoded', (_, response) => response.setHeader('content-encoding', 'gzip').end(), /with the encoding gzip/],
    ['silent', (_, response) => response.setHeader('content-length', 300_000).write('a'), /nothing arrived for 0.2 s/],
    ['broken', status(503), /HTTP 503 Service Unavailable/],
  ];
  for (const [what, answer, expected] of cases) {
    await t.test(what, async (t) => {
      const { base } = await serve(t, answer);
      const error = await failure(downloadFile(FILE, [base], t.testdir(), { stallTimeout: 200 }));
      t.match(error.message, expected);
    });
  }
  await t.test('another range than asked for', async (t) => {
    const { base, requests } = await serve(t, (request, response) => {
      if (startOf(request) === 0) whole(CONTENT)(request, response);
      else response.writeHead(206, { 'content-range': 'bytes 7-299999/300000' }).end(CONTENT.subarray(7));
    });
    const place = t.testdir({ 'file.gz.part': CONTENT.subarray(0, 10) });
    await downloadFile(FILE, [base], place);
    t.same(requests, ['/file.gz bytes=10-', '/file.gz whole']);
  });
  await t.test('nobody there', async (t) => {
    t.match((await failure(downloadFile(FILE, ['http://127.0.0.1:1'], t.testdir()))).message, /127\.0\.0\.1:1\/file\.gz: (bad port|.*ECONNREFUSED)/);
    const { base } = await serve(t, (request) => request.socket.destroy());
    t.match((await failure(downloadFile(FILE, [base], t.testdir()))).message, /could not be downloaded/);
  });
  await t.test('no address', async (t) => {
    t.match((await failure(downloadFile(FILE, ['mirror'], t.testdir()))).message, '"mirror" is no address to download from');
  });
});

t.test('a disk without room is refused before anything is fetched', async (t) => {
  const { base, requests } = await serve(t, whole(CONTENT));
  const error = await failure(downloadFile({ ...FILE, bytes: 2 ** 60 }, [base], t.testdir()));
  t.match(error.message, /free and 1048576\.0 TiB are needed/);
  t.same(requests, []);
});

t.test('a folder that can’t be written is a data error', async (t) => {
  const { base } = await serve(t, whole(CONTENT));
  const folder = t.testdir({ mnist: 'a file, no folder' });
  t.match((await failure(downloadDataset('mnist', folder, { baseUrl: base }))).message, /mnist can't be written \(EEXIST/);
});

t.test('aborting keeps the part', async (t) => {
  const { base } = await serve(t, (_, response) => response.setHeader('content-length', 300_000).write(CONTENT.subarray(0, 50_000)));
  const place = t.testdir();
  const controller = new AbortController();
  const reason = new Error('enough');
  const download = downloadFile(FILE, [base], place, {
    signal: controller.signal,
    onProgress: ({ received }) => {
      if (received === 50_000) controller.abort(reason);
    },
  });
  await t.rejects(download, reason);
  t.equal((await stat(join(place, 'file.gz.part'))).size, 50_000);
});

t.test('a data set of single files goes into its subfolder', async (t) => {
  const { base, requests } = await serve(t, whole(CONTENT));
  const folder = join(t.testdir(), 'not', 'there', 'yet');
  const files = [FILE, { ...FILE, name: 'other.gz' }];
  t.equal(await fetchSource({ folder: 'set', mirrors: [base], files }, folder), join(folder, 'set'));
  await fetchSource({ folder: 'set', mirrors: [base], files }, folder);
  t.same(requests, ['/file.gz whole', '/other.gz whole']);
});

t.test('an archive is unpacked, its wanted members alone', async (t) => {
  const root = t.testdir({ tree: { inside: { 'one.bin': 'first', 'two.bin': 'second', 'readme.html': 'no' } } });
  await create({ gzip: true, cwd: join(root, 'tree'), file: join(root, 'set.tar.gz') }, ['inside']);
  const bytes = await readFile(join(root, 'set.tar.gz'));
  const { base, requests } = await serve(t, whole(bytes));
  const files = [published('one.bin', Buffer.from('first')), published('two.bin', Buffer.from('second'))];
  const source = { folder: 'set', mirrors: [base], archive: published('set.tar.gz', bytes), files };
  await fetchSource(source, join(root, 'data'));
  t.same(readdirSync(join(root, 'data', 'set')), ['one.bin', 'two.bin']);
  t.equal(await readFile(join(root, 'data', 'set', 'two.bin'), 'utf8'), 'second');
  await fetchSource(source, join(root, 'data'));
  t.equal(requests.length, 1);

  await mkdir(join(root, 'other'));
  const missing = { ...source, files: [...files, published('three.bin', Buffer.from('third'))] };
  t.match((await failure(fetchSource(missing, join(root, 'other')))).message, /set\.tar\.gz has no three\.bin of 5 bytes/);
  t.notOk(existsSync(join(root, 'other', 'set', 'one.bin')));
});

t.test('the published data sets', async (t) => {
  const { base } = await serve(t, status(404));
  for (const [name, { folder, files, archive, mirrors }] of DOWNLOAD_SOURCES) {
    const [first] = archive === undefined ? files : [archive];
    t.match((await failure(downloadDataset(name, t.testdir(), { baseUrl: base }))).message, `${base}${first!.name}: HTTP 404`);
    t.ok([...files, ...(archive ? [archive] : [])].every(({ sha256, bytes }) => /^[0-9a-f]{64}$/.test(sha256) && bytes > 0));
    t.ok(mirrors.length >= 2 && mirrors.every((mirror) => mirror.endsWith('/')));
    t.not(folder, '');
  }
  t.match((await failure(downloadDataset('digits', t.testdir()))).message, /"digits" can't be downloaded; those that can: mnist, fashion-mnist, cifar-10/);
});
