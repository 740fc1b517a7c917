import { BYTES_PER_ELEMENT, type Address, type ElementArrays, type ElementType, type Region, type RegionRequest, type RegionRequests, type Regions } from './regions.js';
import { WebAssembly, type WasmMemory } from './webassembly.js';

/** A cache line, so that no two regions share one and SIMD loads never straddle two. */
const ALIGNMENT = 64;
/** The first page belongs to the compiler: AssemblyScript puts a module's static data there. */
const RESERVED_BYTES = 65_536;
const PAGE_BYTES = 65_536;
/** What a 32-bit WebAssembly memory can address, less the last page: an address just behind a region's end must not wrap to 0. */
export const ARENA_LIMIT_BYTES = 2 ** 32 - PAGE_BYTES;

/** How the names of regions begin that hold what one thread works with. */
export const SCRATCH = 'scratch ';

/** Thrown when a plan exceeds what one arena can hold; names the figure and the largest regions. */
export class ArenaLimitError extends RangeError {
  override name = 'ArenaLimitError';
}

/** Assigns addresses, one region after another. Nothing is allocated until an `Arena` is made for the plan. */
export class ArenaPlan {
  readonly #regions = new Map<string, Region>();
  readonly #below: ArenaPlan | undefined;
  #end: number;

  /** `below`: a plan that this one goes on behind, in the same arena. */
  constructor(below?: ArenaPlan) {
    this.#below = below;
    this.#end = below === undefined ? RESERVED_BYTES : below.bytes;
  }

  /**
   * Adds one region. Throws a RangeError when its length is no whole number ≥ 0 or its name is taken. A length that no double holds exactly is no
   * mistake but more than an arena holds: `check` refuses it with the figure.
   */
  add<T extends ElementType>(name: string, request: RegionRequest<T>): Region<T> {
    if (!Number.isInteger(request.length) || request.length < 0) {
      throw new RangeError(`region "${name}" asks for ${String(request.length)} elements; a whole number of at least 0 is needed`);
    }
    if (this.#regions.has(name)) throw new RangeError(`region "${name}" is planned twice`);
    const region: Region<T> = { name, ...request, address: align(this.#end) as Address };
    this.#end = region.address + request.length * BYTES_PER_ELEMENT[request.type];
    this.#regions.set(name, region);
    return region;
  }

  /** Adds an owner's regions as `owner/name`. */
  addAll<R extends RegionRequests>(owner: string, requests: R): Regions<R> {
    const placed = Object.entries(requests).map(([name, request]) => [name, this.add(`${owner}/${name}`, request)]);
    return Object.fromEntries(placed) as Regions<R>;
  }

  /** Everything planned so far, that of the plan below included, in order of address. */
  get regions(): readonly Region[] {
    return [...(this.#below?.regions ?? []), ...this.#regions.values()];
  }

  /** The bytes of memory the plan needs, compiler's page included. */
  get bytes(): number {
    return align(this.#end);
  }

  /** Throws an ArenaLimitError when the plan needs more than one arena holds. */
  check(): void {
    if (this.bytes <= ARENA_LIMIT_BYTES) return;
    const largest = this.regions.toSorted((a, b) => regionBytes(b) - regionBytes(a)).slice(0, 3);
    throw new ArenaLimitError(
      `the run needs ${formatBytes(this.bytes)} of shared memory and one arena holds at most ${formatBytes(ARENA_LIMIT_BYTES)} ` +
        `(largest: ${largest.map((region) => `${region.name} ${formatBytes(regionBytes(region))}`).join(', ')}); use ${remedyFor(largest[0])}`,
    );
  }
}

/** One shared WebAssembly memory. Its buffer is the SharedArrayBuffer that all threads see. */
export class Arena {
  readonly memory: WasmMemory;
  readonly buffer: SharedArrayBuffer;

  constructor(memory: WasmMemory) {
    this.memory = memory;
    this.buffer = memory.buffer as unknown as SharedArrayBuffer;
  }

  /**
   * Allocates memory for `bytes`; the system commits pages when they are first touched.
   * Initial = maximum, because growing would leave every view in every thread on the old length. Throws an ArenaLimitError when
   * the system doesn't give that much.
   */
  static allocate(bytes: number): Arena {
    const pages = Math.ceil(Math.max(bytes, RESERVED_BYTES) / PAGE_BYTES);
    try {
      return new Arena(new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true }));
    } catch (cause) {
      throw new ArenaLimitError(`this system doesn't give ${formatBytes(pages * PAGE_BYTES)} of shared memory; raise its limit on address space (ulimit -v), or use fewer workers, a smaller model or a smaller data set`, { cause });
    }
  }

  /** A typed view on a region: the memory itself, not a copy. */
  view<T extends ElementType>(region: Region<T>): ElementArrays[T] {
    return viewOn(this.buffer, region.type, region.address, region.length) as ElementArrays[T];
  }

  /** A view of `length` float32 at a byte address: one gradient row, say. */
  row(address: Address, length: number): Float32Array {
    return new Float32Array(this.buffer, address, length);
  }
}

function viewOn(buffer: SharedArrayBuffer, type: ElementType, address: Address, length: number): ElementArrays[ElementType] {
  switch (type) {
    case 'u8':
      return new Uint8Array(buffer, address, length);
    case 'u32':
      return new Uint32Array(buffer, address, length);
    case 'i32':
      return new Int32Array(buffer, address, length);
    case 'f32':
      return new Float32Array(buffer, address, length);
    case 'f64':
      return new Float64Array(buffer, address, length);
  }
}

function align(bytes: number): number {
  return Math.ceil(bytes / ALIGNMENT) * ALIGNMENT;
}

/** What makes the largest region smaller: a thread's scratch holds the activations of a batch. */
function remedyFor(largest: Region | undefined): string {
  return largest?.name.startsWith(SCRATCH) === true ? 'a smaller batchSize, fewer threads, or a smaller model' : 'fewer workers, a smaller model, or a smaller data set';
}

function regionBytes(region: Region): number {
  return region.length * BYTES_PER_ELEMENT[region.type];
}

/** 1,234,567 bytes → "1.2 MiB". */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 ? String(value) : value.toFixed(1)} ${String(units[unit])}`;
}
