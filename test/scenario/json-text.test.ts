import t from 'tap';
import fc from 'fast-check';
import { findJsonMistake } from '../../lib/scenario/json-text.js';

t.test('a mistake is said with its line and column', (t) => {
  const cases: [text: string, line: number, column: number, message: RegExp][] = [
    ['', 1, 1, /the text ends where a value should be/],
    ['  \n ', 2, 2, /the text ends/],
    ['{\n  "rounds": 10,\n  "seed": 1,\n}', 4, 1, /unexpected } where a key in double quotes should be/],
    ['{ "rounds": 10 "seed": 1 }', 1, 16, /unexpected "seed" where a comma or } should be/],
    ['{ rounds: 10 }', 1, 3, /unexpected rounds: 10 } where a key in double quotes or } should be/],
    ["{ 'rounds': 10 }", 1, 3, /where a key in double quotes or } should be/],
    ['{ "rounds" 10 }', 1, 12, /where a colon should be/],
    ['{ "rounds": }', 1, 13, /unexpected } where a value should be/],
    ['{ "rounds": 010 }', 1, 13, /unexpected 010 } where a value should be/],
    ['{ "rounds": .5 }', 1, 13, /where a value should be/],
    ['{ "rounds": NaN }', 1, 13, /where a value should be/],
    ['{ "a": 1, "b": [1, 2 }', 1, 22, /where a comma or \] should be/],
    ['[1,]', 1, 4, /where a value should be/],
    ['{ "a": 1 } x', 1, 12, /where nothing more should be/],
    ['{ "a": 1 }}', 1, 11, /where nothing more should be/],
    ['{ "a": "no end }', 1, 8, /where a value should be/],
    ['{ "a": "bad \\x" }', 1, 8, /where a value should be/],
    ['{ "a": 1 // comment\n}', 1, 10, /where a comma or } should be/],
    ['{\n  "rounds": 10,\n  "rounds": 20\n}', 3, 3, /the key "rounds" stands in this object twice/],
    ['{ "a": 1, "\\u0061": 2 }', 1, 11, /twice/],
  ];
  for (const [text, line, column, message] of cases) {
    const mistake = findJsonMistake(text);
    t.match(mistake, { line, column, message }, JSON.stringify(text));
  }
  t.end();
});

t.test('JSON has no mistake, however it is laid out', (t) => {
  fc.assert(
    fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indentation) => {
      const laidOut = JSON.stringify(JSON.parse(text), null, indentation);
      return findJsonMistake(laidOut) === undefined;
    }),
  );
  t.equal(findJsonMistake('{"a":{"x":1},"b":{"x":1}}'), undefined, 'equal keys in different objects');
  t.end();
});

t.test('it agrees with JSON.parse on what is JSON, equal keys aside', (t) => {
  const tokens = fc.constantFrom('{', '}', '[', ']', ',', ':', '"a"', '"b"', '1', '-0.5e3', '01', '-', 'true', 'null', 'nul', ' ', '\n', '"', '\u00a0');
  fc.assert(
    fc.property(fc.array(tokens, { maxLength: 10 }), (parts) => {
      const text = parts.join('');
      let valid = true;
      try {
        JSON.parse(text);
      } catch {
        valid = false;
      }
      const mistake = findJsonMistake(text);
      return (mistake === undefined) === valid || (valid && mistake?.message.includes('twice') === true);
    }),
    { numRuns: 20_000 },
  );
  t.end();
});

t.test('neither a long text nor deep nesting is too much for it', (t) => {
  t.equal(findJsonMistake(JSON.stringify('x'.repeat(2 ** 24 - 2))), undefined);
  t.equal(findJsonMistake(JSON.stringify('\n'.repeat(2 ** 22))), undefined);
  t.equal(findJsonMistake(`${'['.repeat(1e5)}${']'.repeat(1e5)}`), undefined);
  t.end();
});
