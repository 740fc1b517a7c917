import type { Arena } from '../memory/arena.js';
import type { Region } from '../memory/regions.js';

/** What is kept between calls of the library's functions. Start with `{}` and hand in the same object each time: it is read and filled. */
export type KeptState = Record<string, unknown>;

/** Puts into the regions what the calls before left, or zeros. Throws a TypeError for what can't be theirs. */
export function readState(arena: Arena, regions: Readonly<Record<string, Region>>, kept: KeptState): void {
  for (const [name, region] of Object.entries(regions)) {
    const view = arena.view(region);
    const before = kept[name];
    if (before === undefined) view.fill(0);
    else if (ArrayBuffer.isView(before) && before.constructor === view.constructor && (before as Float32Array).length === view.length) view.set(before as Float32Array);
    else throw new TypeError(`state.${name} is not of this rule or attack and these rows: ${view.length} ${region.type} are needed; start with an empty object`);
  }
}

/** Keeps what the regions hold for the next call. */
export function keepState(arena: Arena, regions: Readonly<Record<string, Region>>, kept: KeptState): void {
  for (const [name, region] of Object.entries(regions)) kept[name] = arena.view(region).slice();
}
