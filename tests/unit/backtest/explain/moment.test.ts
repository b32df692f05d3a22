import { describe, expect, it } from '@jest/globals';
import { isMoment, momentOf, type Moment } from '#src/backtest/explain/moment/moment.js';
import type { Payload, StoredEvent } from '#src/ports/storage/event-store.js';

const T = Date.UTC(2024, 2, 1, 12);
const BTC = 'BTC-PERP';

/** Records in order, each with what it says; numbered from 1. */
const journal = (...records: readonly (readonly [string, number, Payload])[]): StoredEvent[] =>
  records.map(([type, at, payload], index) => ({
    ...{ seq: index + 1, at, type, botId: 'bot', profile: 'demo', version: 1 },
    payload: { symbol: BTC, ...payload },
  }));

const intent = (at: number, more: Payload = {}): [string, number, Payload] => [
  'strategy_intent',
  at,
  {
    ...{ instance: `own@${BTC}`, handler: 'onBar', instant: at, mark: '100', position: '0', verb: 'place' },
    ...{ client_id: 'in', role: 'entry', side: 'buy', order_type: 'market', quantity: '2', why: 'up' },
    ...more,
  },
];
const order = (id: string, at: number, status: string, more: Payload = {}): [string, number, Payload] => [
  'order',
  at,
  { client_id: id, side: 'buy', order_type: 'market', quantity: '2', filled_quantity: '0', status, ...more },
];
const stop = (id: string, at: number, status: string, more: Payload = {}): [string, number, Payload] =>
  order(id, at, status, { side: 'sell', order_type: 'stop_market', stop_price: '90', reduce_only: true, ...more });
const fill = (id: string, at: number, side: string, quantity = '2'): [string, number, Payload] => [
  'fill',
  at,
  { client_id: id, side, quantity, price: '100', filled_at: at },
];
const hold = (at: number, more: Payload = {}): [string, number, Payload] => [
  'strategy_hold',
  at,
  { instant: at, why: 'nothing', instance: `own@${BTC}`, ...more },
];

const found = (events: readonly StoredEvent[], at: number, symbol?: string): Moment => {
  const moment = momentOf(events, at, symbol);
  if (!isMoment(moment)) throw new Error(`nothing is known: ${JSON.stringify(moment)}`);
  return moment;
};

const TRADE = journal(
  intent(T),
  order('in', T, 'planned'),
  order('in', T, 'open'),
  fill('in', T + 5, 'buy'),
  order('in', T + 5, 'filled', { filled_quantity: '2' }),
  stop('cover', T + 6, 'open'),
  hold(T + 60_000),
  order('out', T + 70_000, 'open', { side: 'sell', reduce_only: true }),
  fill('out', T + 70_001, 'sell'),
  stop('cover', T + 70_001, 'cancelled'),
  hold(T + 80_000),
  stop('of another position', T + 90_000, 'open'),
);

describe('one instant', () => {
  it('says what was asked, what came of it and what left the position, until it was gone', () => {
    const [symbol] = found(TRADE, T).symbols;
    expect(symbol?.records.map(({ kind, why, asked }) => [kind, why, asked?.clientId])).toEqual([
      ['intent', 'up', 'in'],
    ]);
    expect(
      symbol?.orders.map(({ id, states, fills }) => [id, states.map(({ status }) => status), fills.length]),
    ).toEqual([['in', ['planned', 'open', 'filled'], 1]]);
    expect(symbol?.exits.map(({ id }) => id)).toEqual(['cover', 'out']);
    expect(symbol?.cover).toEqual({ position: '0', stops: [], isCovered: undefined });
  });

  it('says what protected the position then: stops of its side that stood, at the venue or in the bot', () => {
    const cover = (events: StoredEvent[]) => found(events, T + 60_000).symbols[0]?.cover;
    expect(cover(TRADE)).toEqual({
      position: '2',
      stops: [{ id: 'cover', status: 'open', stop: '90', left: '2' }],
      isCovered: true,
    });
    const held = journal(fill('in', T, 'buy'), stop('small', T, 'open', { quantity: '1' }), hold(T + 60_000));
    expect(cover(held)).toMatchObject({ isCovered: false, stops: [{ left: '1' }] });
    const wrong = [stop('buys', T, 'open', { side: 'buy' }), stop('gone', T, 'cancelled'), stop('sent', T, 'sending')];
    expect(cover(journal(fill('in', T, 'buy'), ...wrong, hold(T + 60_000)))).toMatchObject({
      isCovered: false,
      stops: [],
    });
    const trigger = { trigger_id: 't', side: 'sell', order_type: 'stop_market', stop_price: '95', reduce_only: true };
    const armed = (state: string) =>
      journal(fill('in', T, 'buy'), ['stop_trigger', T, { ...trigger, quantity: '2', state }], hold(T + 60_000));
    expect(cover(armed('armed'))).toMatchObject({ isCovered: true, stops: [{ id: 't', stop: '95' }] });
    expect(cover(armed('dropped'))).toMatchObject({ isCovered: false, stops: [] });
  });

  it('follows an order through those that took its place', () => {
    const events = journal(
      intent(T, { verb: 'amend', client_id: 'bid', limit_price: '99' }),
      order('bid', T - 1, 'open', { limit_price: '98' }),
      order('bid 2', T + 1, 'open', { limit_price: '99', replaces: 'bid' }),
      order('bid 3', T + 2, 'open', { limit_price: '99.5', replaces: 'bid 2' }),
      order('other', T + 2, 'open'),
    );
    expect(found(events, T).symbols[0]?.orders.map(({ id }) => id)).toEqual(['bid', 'bid 2', 'bid 3']);
  });

  it('says the safety state of then, and of every symbol unless one is named', () => {
    const events = journal(
      ['safety_state', T - 1, { to: 'REDUCE_ONLY' }],
      hold(T, { gate: 'stale_mark' }),
      hold(T, { symbol: 'ETH-PERP' }),
      ['safety_state', T + 1, { to: 'HALTED' }],
    );
    expect(found(events, T).safety).toBe('REDUCE_ONLY');
    expect(found(events, T).symbols.map(({ symbol }) => symbol)).toEqual([BTC, 'ETH-PERP']);
    expect(found(events, T, 'ETH-PERP').symbols.map(({ symbol }) => symbol)).toEqual(['ETH-PERP']);
  });

  it('of which nothing is known names the nearest of which something is', () => {
    expect(momentOf(TRADE, T + 1)).toEqual({ before: T, after: T + 60_000 });
    expect(momentOf(TRADE, T + 1, 'ETH-PERP')).toEqual({ before: undefined, after: undefined });
    expect(momentOf([], T)).toEqual({ before: undefined, after: undefined });
  });

  it.each<[string, [string, number, Payload]]>([
    ['instant of record 1 (strategy_intent) must be a number, was "now"', intent(T, { instant: 'now' })],
    ['verb of record 1 (strategy_intent) must be text, was undefined', intent(T, { verb: undefined })],
    ['values of record 1 (strategy_intent) must be an object, was 7', intent(T, { values: 7 })],
    ['reduce_only of record 1 (strategy_intent) must be true or false, was 1', intent(T, { reduce_only: 1 })],
    ['why of record 1 (strategy_hold) must be text, was null', hold(T, { why: null })],
    ['check of record 1 (strategy_refusal) must be text, was undefined', ['strategy_refusal', T, intent(T)[2]]],
  ])('refuses a record that is not what it says: %s', (message, record) => {
    expect(() => momentOf(journal(record), T)).toThrow(expect.objectContaining({ code: 'STORE-001' }));
    expect(() => momentOf(journal(record), T)).toThrow(message);
  });
});
