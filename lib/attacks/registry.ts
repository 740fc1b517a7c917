import { registry } from '../registry/registry.js';
import { alie } from './alie.js';
import { alieBackdoor } from './alie-backdoor.js';
import { antiCge } from './anti-cge.js';
import type { AnyAttack } from './attack.js';
import { constant } from './constant.js';
import { flood } from './flood.js';
import { fangKrum } from './fang-krum.js';
import { fangTrim } from './fang-trim.js';
import { gaussian } from './gaussian.js';
import { huge } from './huge.js';
import { inf } from './inf.js';
import { ipm } from './ipm.js';
import { labelFlip } from './label-flip.js';
import { labelFlipBackdoor } from './label-flip-backdoor.js';
import { lpCoordinate } from './lp-coordinate.js';
import { mimic } from './mimic.js';
import { minMax } from './min-max.js';
import { minSum } from './min-sum.js';
import { modelReplacement } from './model-replacement.js';
import { nan } from './nan.js';
import { none } from './none.js';
import { silent } from './silent.js';
import { optimalAlie } from './optimal-alie.js';
import { optimalIpm } from './optimal-ipm.js';
import { signFlip } from './sign-flip.js';
import { stale } from './stale.js';
import { targetedPoisoning } from './targeted-poisoning.js';
import { zero } from './zero.js';
import { moduleAttack } from './module.js';

/** Every attack, in the order of the catalogue. */
export const ATTACKS = registry<AnyAttack>('attack', [
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
  optimalAlie,
  optimalIpm,
  fangKrum,
  fangTrim,
  lpCoordinate,
  labelFlip,
  alieBackdoor,
  modelReplacement,
  labelFlipBackdoor,
  targetedPoisoning,
  stale,
  flood,
  silent,
], [moduleAttack]);
