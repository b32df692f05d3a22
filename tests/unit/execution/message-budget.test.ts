import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import { settled } from '#src/testing/settled.js';
import type { RiskSettings } from '#src/ports/configuration/settings/risk-settings.js';
import { Rig } from './rig.js';

const MINUTE = 60_000;

const rig = (risk: Partial<RiskSettings>): Rig => new Rig({ config: { risk } });

/** Resting buys, acknowledged. */
async function resting(made: Rig, count: number): Promise<string[]> {
  const limit = made.instrument.toTicks(new Decimal(40_000), 'nearest');
  const orders = Array.from({ length: count }, () => made.submit({ type: 'limit', limit }));
  await settled();
  return orders.map(({ request }) => request.clientId);
}

describe('PT-14: the budget of messages', () => {
  it('warns of more cancellations in a minute than the limit, once a minute, and holds none back', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    for (const clientId of await resting(made, 5)) expect(await made.gateway.cancel(clientId)).toBe('cancelled');
    expect(made.records('message_budget')).toEqual([{ budget: 'cancel_rate', cancels: 3, limit: 2 }]);
    expect(made.logger.at('warn')).toContain('More is sent than venues tolerate');
  });

  it('counts a minute, and no longer', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    for (const clientId of await resting(made, 6)) {
      await made.gateway.cancel(clientId);
      made.clock.advance(MINUTE / 2);
    }
    expect(made.records('message_budget')).toEqual([]);
  });

  it('does not count what empties the book for safety', async () => {
    const made = rig({ cancelsPerMinute: 2 });
    await resting(made, 5);
    expect((await made.engine.cancelAll('halt')).cancelled).toHaveLength(5);
    expect(made.records('message_budget')).toEqual([]);
  });

  it('warns of more messages for each order that traded than the limit, from a hundred on', async () => {
    const made = rig({ maxOrderToTrade: 50 });
    await made.start();
    for (const clientId of await resting(made, 49)) await made.gateway.cancel(clientId);
    made.broker.next('placeOrder', { fill: { price: 50_000 } });
    made.submit();
    await settled();
    expect(made.records('message_budget')).toEqual([]);
    await resting(made, 1);
    expect(made.records('message_budget')).toEqual([{ budget: 'order_to_trade', messages: 100, trades: 1, limit: 50 }]);
  });

  it('begins anew with the UTC day', async () => {
    const made = rig({ maxOrderToTrade: 1 });
    await resting(made, 60);
    made.clock.advance(24 * 60 * MINUTE);
    await resting(made, 60);
    expect(made.records('message_budget')).toEqual([]);
  });

  it('is optional', async () => {
    const made = rig({});
    for (const clientId of await resting(made, 120)) await made.gateway.cancel(clientId);
    expect(made.records('message_budget')).toEqual([]);
  });
});
