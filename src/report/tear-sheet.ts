import type { Random } from '../ports/configuration/random.js';
import { analyse } from './analysis.js';
import { findingsOf } from './findings.js';
import { executionSection, riskSection, robustnessSection } from './page/costs-and-risk.js';
import { html, raw } from './page/html.js';
import { perpetualsSection } from './page/perpetuals.js';
import { reproductionSection } from './page/reproduction.js';
import { drawdownSection, returnsSection } from './page/returns.js';
import { SCRIPT } from './page/script.js';
import { STYLE } from './page/style.js';
import { tradesSection } from './page/trades.js';
import { verdict } from './page/verdict.js';
import type { SavedRun } from './run-record.js';

const PARTS = [
  ['returns', 'Returns'],
  ['drawdown', 'Drawdown'],
  ['perpetuals', 'Funding and margin'],
  ['trades', 'Trades'],
  ['execution', 'Execution'],
  ['risk', 'Risk'],
  ['robustness', 'Robustness'],
  ['reproduction', 'Reproduction'],
] as const;

/** Nothing is fetched, whatever stands in the page: the policy forbids it. */
const POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/** The report of a run: one HTML page that needs nothing but itself. The same saved run gives the same page. */
export function tearSheet(run: SavedRun, random: Random): string {
  const analysis = analyse(run, random);
  const { result } = run;
  const page = html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><meta http-equiv="Content-Security-Policy" content="${raw(POLICY)}"><title>${result.strategy} on ${result.symbol}, ${result.from.slice(0, 10)} to ${result.to.slice(0, 10)}</title><style>${raw(STYLE)}</style></head><body><main>
${verdict(analysis, findingsOf(analysis))}
<nav aria-label="Parts of the report">${PARTS.map(([id, name]) => html`<a href="#${id}">${name}</a>`)}</nav>
${returnsSection(analysis)}
${drawdownSection(analysis)}
${perpetualsSection(analysis)}
${tradesSection(analysis)}
${executionSection(analysis)}
${riskSection(analysis)}
${robustnessSection(analysis)}
${reproductionSection(analysis)}
<footer>A backtest is what the past would have paid, by the assumptions above. It promises nothing.</footer>
</main><script>${raw(SCRIPT)}</script></body></html>
`;
  return page.text;
}
