import { openBacktest } from '#di/backtest.js';
import { benchMarket, tile } from './market.js';
import { runEngine } from './engine-run.js';
import { runDecimalEngine } from '../support/oracle/decimal-engine.js';
import { fusedTerms, runFusedLoop } from '../support/oracle/fused-loop.js';
void openBacktest;
const m = await benchMarket();
const params = Object.fromEntries(process.argv.slice(2).map((a) => a.split('=') as [string, string]));
const config = m.config(params);
const cols = tile(m.history.columns, Number(process.env['BARS'] ?? 45000));
for (let i = 0; i < Number(process.env['N'] ?? 1); i += 1) {
const run = await runEngine(config, cols, params);
const f = fusedTerms(run.terms);
const t = performance.now();
const fused = runFusedLoop(cols, f);
const fms = performance.now() - t;
console.log(run.ms.toFixed(0), 'ms', (cols.length / run.ms / 1e3).toFixed(2), 'Mb/s fused', (cols.length / fms / 1e3).toFixed(1), 'ratio', (fms / run.ms).toFixed(4), run.fills, fused.fills, run.equity, fused.equity, run.hash === fused.hash, JSON.stringify(run.result['held']));
if (process.env['DEC'] && i === 0) {
  const tick = m.history.spec.tick;
  const bars = Array.from({ length: Math.min(cols.length, 50000) }, (_, k) => ({ openAt: cols.openAt[k]!, closeAt: cols.openAt[k]! + cols.intervalMs, open: tick.times(cols.open[k]!), close: tick.times(cols.close[k]!) }));
  const t0 = performance.now();
  const d = runDecimalEngine(bars, run.terms);
  console.log('decimal', (performance.now() - t0).toFixed(0), 'ms', d.fills.length, d.equity.toString(), run.result.equity.end, d.drawdown.amount.toString(), JSON.stringify(run.result['drawdown']));
}
}
