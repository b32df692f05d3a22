import { readFileSync } from 'node:fs';
import * as perpsbot from 'perpsbot';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';

/**
 * A strategy of the pages, word by word but for its timeframes: a minute of the world then has as many bars as a day.
 * Throws where a timeframe does not stand in it.
 */
export function fasterExample(name: string, timeframes: Readonly<Record<string, string>>): StrategyDefinition {
  const path = `.cache/stripped/docs/examples/${name}.ts.json`;
  let { code } = JSON.parse(readFileSync(path, 'utf8')) as { code: string };
  for (const [from, to] of Object.entries(timeframes))
    code = replaced(code, new RegExp(`(["'])${from}\\1`, 'g'), `'${to}'`);
  code = replaced(code, /import (\{[^}]*\}) from (["'])perpsbot\2;/, 'const $1 = perpsbot;');
  code = replaced(code, /export default /, 'return ');
  // eslint-disable-next-line @typescript-eslint/no-implied-eval -- our own page, in the realm that it runs in
  return (new Function('perpsbot', `'use strict';\n${code}`) as (of: typeof perpsbot) => StrategyDefinition)(perpsbot);
}

function replaced(code: string, what: RegExp, by: string): string {
  const made = code.replace(what, by);
  if (made === code) throw new Error(`${String(what)} does not stand in the example.`);
  return made;
}
