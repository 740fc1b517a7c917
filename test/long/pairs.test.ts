import t from 'tap';
import { ATTACKS } from '../../lib/attacks/registry.js';
import { allPairs, faultOf, train } from '../training/pairs.js';

t.test('every rule trains for twenty rounds under every attack, and learns without one', { timeout: 3_000_000 }, async (t) => {
  // A pool an attack, so that a fault in one leaves the others' results.
  for (const attack of ATTACKS.names) {
    const done = await train(allPairs().filter((pair) => pair.attack === attack), 2);
    for (const { pair, outcome } of done) {
      if (outcome === undefined) t.comment(`${pair.rule} under ${pair.attack} is refused: ${pair.refused ?? ''}`);
      else t.equal(faultOf(pair, outcome), undefined, `${pair.rule} under ${pair.attack}`);
    }
    t.ok(done.some(({ outcome }) => outcome !== undefined), `${attack}: some rule runs under it`);
  }
});
