import { alie } from './alie.js';
import type { Attack } from './attack.js';
import { constant } from './constant.js';
import { gaussian } from './gaussian.js';
import { huge } from './huge.js';
import { inf } from './inf.js';
import { nan } from './nan.js';
import { none } from './none.js';
import { signFlip } from './sign-flip.js';
import { zero } from './zero.js';

/** Every attack by its name, in the order of the catalogue. */
export const ATTACKS: Readonly<Record<string, Attack>> = {
  none,
  alie,
  'sign-flip': signFlip,
  gaussian,
  zero,
  constant,
  inf,
  nan,
  huge,
};
