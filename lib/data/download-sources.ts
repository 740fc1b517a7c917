/** One file as its publisher released it. */
export interface PublishedFile {
  readonly name: string;
  readonly bytes: number;
  /** Lower-case hexadecimal SHA-256 of the file itself. */
  readonly sha256: string;
}

/** Where a data set's files come from, and what they must be. */
export interface DownloadSource {
  /** The subfolder that the files belong in. */
  readonly folder: string;
  /** Addresses that a file's name is appended to, tried in order. All of them serve the same bytes. */
  readonly mirrors: readonly string[];
  /** The files that the data set reads. */
  readonly files: readonly PublishedFile[];
  /** A .tar.gz that holds the files, when they are published as one; otherwise the mirrors serve the files themselves. */
  readonly archive?: PublishedFile;
}

/** Every data set that can be downloaded, by name. */
export const DOWNLOAD_SOURCES: ReadonlyMap<string, DownloadSource> = new Map<string, DownloadSource>([
  [
    'mnist',
    {
      folder: 'mnist',
      mirrors: ['https://ossci-datasets.s3.amazonaws.com/mnist/', 'https://storage.googleapis.com/cvdf-datasets/mnist/'],
      files: [
        { name: 'train-images-idx3-ubyte.gz', bytes: 9_912_422, sha256: '440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609' },
        { name: 'train-labels-idx1-ubyte.gz', bytes: 28_881, sha256: '3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c' },
        { name: 't10k-images-idx3-ubyte.gz', bytes: 1_648_877, sha256: '8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6' },
        { name: 't10k-labels-idx1-ubyte.gz', bytes: 4_542, sha256: 'f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6' },
      ],
    },
  ],
  [
    'fashion-mnist',
    {
      folder: 'fashion-mnist',
      mirrors: [
        'https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/',
        'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/',
      ],
      files: [
        { name: 'train-images-idx3-ubyte.gz', bytes: 26_421_880, sha256: '3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84' },
        { name: 'train-labels-idx1-ubyte.gz', bytes: 29_515, sha256: 'a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845' },
        { name: 't10k-images-idx3-ubyte.gz', bytes: 4_422_102, sha256: '346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073' },
        { name: 't10k-labels-idx1-ubyte.gz', bytes: 5_148, sha256: '67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5' },
      ],
    },
  ],
  [
    'cifar-10',
    {
      folder: 'cifar-10-batches-bin',
      mirrors: ['https://www.cs.toronto.edu/~kriz/', 'https://cave.cs.toronto.edu/kriz/'],
      archive: { name: 'cifar-10-binary.tar.gz', bytes: 170_052_171, sha256: 'c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd' },
      files: [
        { name: 'data_batch_1.bin', bytes: 30_730_000, sha256: 'cee916563c9f80d84e3cc88e17fdc0941787f1244f00a67874d45b261883ada5' },
        { name: 'data_batch_2.bin', bytes: 30_730_000, sha256: 'a591ca11fa1708a91ee40f54b3da4784ccd871ecf2137de63f51ada8b3fa57ed' },
        { name: 'data_batch_3.bin', bytes: 30_730_000, sha256: 'bbe8596564c0f86427f876058170b84dac6670ddf06d79402899d93ceea26f67' },
        { name: 'data_batch_4.bin', bytes: 30_730_000, sha256: '014e562d6e23c72197cc727519169a60359f5eccd8945ad5a09d710285ff4e48' },
        { name: 'data_batch_5.bin', bytes: 30_730_000, sha256: '755304fc0b379caeae8c14f0dac912fbc7d6cd469eb67a1029a08a39453a9add' },
        { name: 'test_batch.bin', bytes: 30_730_000, sha256: '8e2eb146ae340b09e24670f29cabc6326dba54da8789dab6768acf480273f65b' },
      ],
    },
  ],
]);
