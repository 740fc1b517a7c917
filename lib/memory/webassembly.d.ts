/**
 * The part of the WebAssembly JavaScript interface that this project uses. Node's own types lack it, and TypeScript's come with
 * the whole browser.
 */
declare namespace WebAssembly {
  interface Memory {
    readonly buffer: ArrayBufferLike;
  }
  interface Module {
    readonly [Symbol.toStringTag]: 'WebAssembly.Module';
  }
  interface Instance {
    readonly exports: Record<string, unknown>;
  }
  const Memory: new (descriptor: { initial: number; maximum?: number; shared?: boolean }) => Memory;
  const Module: new (bytes: ArrayBufferView | ArrayBuffer) => Module;
  const Instance: new (module: Module, imports?: Record<string, Record<string, unknown>>) => Instance;
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
