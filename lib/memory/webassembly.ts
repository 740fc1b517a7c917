/**
 * The part of the WebAssembly JavaScript interface that this project uses, with types: Node's own lack it, and TypeScript's
 * come with the whole browser.
 */

export interface WasmMemory {
  readonly buffer: ArrayBufferLike;
}

export interface WasmModule {
  readonly [Symbol.toStringTag]: string;
}

export interface WasmInstance {
  readonly exports: Readonly<Record<string, unknown>>;
}

interface WebAssemblyInterface {
  readonly Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => WasmMemory;
  readonly Module: new (bytes: Uint8Array) => WasmModule;
  readonly Instance: new (module: WasmModule, imports?: Readonly<Record<string, Readonly<Record<string, unknown>>>>) => WasmInstance;
  readonly validate: (bytes: Uint8Array) => boolean;
}

export const WebAssembly = (globalThis as unknown as { readonly WebAssembly: WebAssemblyInterface }).WebAssembly;
