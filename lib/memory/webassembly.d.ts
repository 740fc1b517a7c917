/**
 * The part of the WebAssembly JavaScript interface that this project uses. Node's own types lack it, and TypeScript's come with
 * the whole browser.
 */
declare namespace WebAssembly {
  class Memory {
    constructor(descriptor: { initial: number; maximum?: number; shared?: boolean });
    readonly buffer: ArrayBufferLike;
  }
  class Module {
    constructor(bytes: ArrayBufferView | ArrayBuffer);
    // Module's own static function; it also keeps other objects from passing for one.
    static exports(module: Module): { name: string; kind: string }[];
  }
  class Instance {
    constructor(module: Module, imports?: Record<string, Record<string, unknown>>);
    readonly exports: Record<string, unknown>;
  }
  function validate(bytes: ArrayBufferView | ArrayBuffer): boolean;
}
