import assert from 'node:assert/strict';
import { realpathSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { defineStrategy, int, TOKENS } from 'perpsbot';

// The command line that runs this file has the tokens that the file imports.
const program = pathToFileURL(realpathSync(process.argv[1]));
const ofProgram = await import(new URL('./index.js', program).href);
for (const [phase, tokens] of Object.entries(TOKENS))
  for (const [name, token] of Object.entries(tokens)) assert.equal(ofProgram.TOKENS[phase][name], token, name);

/** Buys what has fallen below its mean. */
export default defineStrategy({
  name: 'stranger-dip',
  params: { length: int(20, { min: 2, max: 100 }) },
  setup: ({ params, ind }) => ({ mean: ind.sma(params.length) }),
  onBar({ bar, position, long, flat }, { mean }) {
    if (position.isFlat && bar.close < mean.value * 0.999) long({ risk: '1%', stop: bar.close * 0.98, why: 'a dip' });
    if (position.isLong && bar.close > mean.value) flat('back at its mean');
  },
});
