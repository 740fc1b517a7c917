import { registry } from '../registry/registry.js';
import { alie } from './alie.js';
import { antiCge } from './anti-cge.js';
import type { Attack } from './attack.js';
import { constant } from './constant.js';
import { gaussian } from './gaussian.js';
import { huge } from './huge.js';
import { inf } from './inf.js';
import { ipm } from './ipm.js';
import { mimic } from './mimic.js';
import { minMax } from './min-max.js';
import { minSum } from './min-sum.js';
import { nan } from './nan.js';
import { none } from './none.js';
import { signFlip } from './sign-flip.js';
import { zero } from './zero.js';
import { moduleAttack } from './module.js';

/** Every attack, in the order of the catalogue. */
export const ATTACKS = registry<Attack>('attack', [
  none,
  alie,
  signFlip,
  ipm,
  gaussian,
  zero,
  constant,
  inf,
  nan,
  huge,
  mimic,
  minMax,
  minSum,
  antiCge,
], [moduleAttack]);
