import type { Address } from '../memory/regions.js';

/**
 * What an operation's arguments are called and what each of them is. They travel to the threads as numbers in a row, in this order: named here once, so that
 * who writes them and who reads them can't take one for another.
 */
export type Shape = Readonly<Record<string, typeof number | typeof address>>;

/** Arguments of that shape. */
export type ArgumentsOf<S extends Shape> = { readonly [Name in keyof S]: ReturnType<S[Name]> };

export const number = (word: number): number => word;
export const address = (word: number): Address => word as Address;

/** The arguments as numbers in a row. */
export function encode<S extends Shape>(shape: S, given: ArgumentsOf<S>): number[] {
  return Object.keys(shape).map((name) => given[name] as number);
}

/** The arguments of which `argument` gives the numbers. */
export function decode<S extends Shape>(shape: S, argument: (index: number) => number): ArgumentsOf<S> {
  const given: Record<string, number> = {};
  let index = 0;
  for (const [name, read] of Object.entries(shape)) given[name] = read(argument(index++));
  return given as ArgumentsOf<S>;
}
