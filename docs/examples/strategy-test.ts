import assert from 'node:assert/strict';
import { bars, runStrategy } from 'perpsbot/testing';
import emaCross from './ema-cross.js';

const CLOSES = [
  20, 19.5, 19, 18.5, 18, 17.5, 17, 16.5, 16, 15.5, 15, 14.5, 14, 13.5, 13, 12.5, 12, 13, 14.5, 16, 17, 18, 18.5, 19,
  19.5, 20, 20.5, 21, 21.5, 22, 22.5, 23, 23.5, 24, 24.5, 25, 25.5, 26, 26.5, 27, 27.5, 28,
];

// #region test
export async function buysOnceWithAStop(): Promise<void> {
  const run = await runStrategy(emaCross, { params: { fast: 2, slow: 5 }, bars: bars.closes('15m', CLOSES) });
  assert.equal(run.orders.filter(({ side }) => side === 'buy').length, 1);
  assert.equal(run.orders.filter(({ type }) => type === 'stop_market').length, 1);
  assert.match(run.explain(2), /not ready: slow ema\(5\) 3 of 5 bars/);
  await run.noLookAhead(); // decisions unchanged when only the future is replaced
}
// #endregion

// #region faults
export async function survives(): Promise<void> {
  const options = { params: { fast: 2, slow: 5 }, bars: bars.closes('15m', CLOSES) };
  const run = await runStrategy(emaCross, options);
  run.expectFills(['entry buy 43.11 @14.5 bar 19']); // everything it filled: role, side, size, price, bar
  await run.expectSound(); // the same in the paper world: covered at every event, exits only took off, filled alike
  await run.everyFault('unknown'); // once at every order, arrived and not

  const killed = await runStrategy(emaCross, {
    ...options,
    faults: [{ when: { order: 'entry', is: 'accepted' }, fault: 'kill', wait: '5m' }],
  });
  await killed.expectSound();
  assert.equal(killed.lives, 2);
  assert.equal(killed.order('stop').status, 'open');
}
// #endregion
