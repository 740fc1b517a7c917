import { WebAssembly, type WasmMemory } from '../../lib/memory/webassembly.js';
import { compileKernels, instantiateKernels, KernelsError, type KernelKind } from '../../lib/kernels/load.js';
import type { Kernels } from '../../lib/kernels/kernels.js';
import type { Address } from '../../lib/memory/regions.js';

/** The 64 KiB that no kernel's caller may use come first. */
const FIRST_FREE_BYTE = 65_536;
const GUARD_BYTES = 64;
/** Four of these are the float32 3.4e38: no test fails to notice that it was read. */
const GUARD = 0x7f;

/** A memory with kernels on it, and a stack of places in it that `reset` empties. */
export class Workbench {
  readonly kernels: Kernels;
  readonly #memory: WasmMemory;
  #top = FIRST_FREE_BYTE;

  constructor(readonly kind: KernelKind, pages = 256) {
    this.#memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
    this.kernels = instantiateKernels(compileKernels(kind).module, this.#memory);
  }

  reset(): void {
    this.#top = FIRST_FREE_BYTE;
  }

  /** Puts float32 into the memory, aligned to 4 bytes and no more, between guards that tell whether a kernel strayed. */
  floats(values: ArrayLike<number>): Floats {
    const address = this.bytes(4 * values.length + 2 * GUARD_BYTES, 4) + GUARD_BYTES;
    const view = new Float32Array(this.#memory.buffer, address, values.length);
    view.set(values);
    const guards = [address - GUARD_BYTES, address + 4 * values.length].map((place) => new Uint8Array(this.#memory.buffer, place, GUARD_BYTES).fill(GUARD));
    return { address: address as Address, view, intact: () => guards.every((guard) => guard.every((byte) => byte === GUARD)) };
  }

  doubles(length: number): { address: Address; view: Float64Array } {
    const address = this.bytes(8 * length);
    return { address, view: new Float64Array(this.#memory.buffer, address, length).fill(NaN) };
  }

  words(values: ArrayLike<number>): Address {
    const address = this.bytes(4 * values.length);
    new Uint32Array(this.#memory.buffer, address, values.length).set(values);
    return address;
  }

  octets(values: ArrayLike<number>): Address {
    const address = this.bytes(values.length);
    new Uint8Array(this.#memory.buffer, address, values.length).set(values);
    return address;
  }

  /** A row that ends where the memory does: a read beyond it traps. */
  lastRow(values: ArrayLike<number>): Address {
    const address = this.#memory.buffer.byteLength - 4 * values.length;
    new Float32Array(this.#memory.buffer, address, values.length).set(values);
    return address as Address;
  }

  /** A row table with its rows. */
  table(rows: readonly ArrayLike<number>[]): Address {
    return this.words(rows.map((row) => this.floats(row).address));
  }

  bytes(length: number, alignment = 64): Address {
    const address = Math.ceil(this.#top / alignment) * alignment;
    this.#top = address + length;
    if (this.#top > this.#memory.buffer.byteLength) throw new RangeError('the workbench is full');
    return address as Address;
  }
}

export interface Floats {
  readonly address: Address;
  readonly view: Float32Array;
  intact(): boolean;
}

/** One workbench for every kind of kernels that this runtime has. */
export const WORKBENCHES: readonly Workbench[] = (['strict', 'relaxed'] as const).filter(isAvailable).map((kind) => new Workbench(kind));

export function isAvailable(kind: KernelKind): boolean {
  try {
    compileKernels(kind);
    return true;
  } catch (error) {
    if (error instanceof KernelsError) return false;
    throw error;
  }
}
