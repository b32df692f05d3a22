import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { gateOf } from '#src/services/runtime/venue-gate.js';
import { PerpsBotError } from '#src/domain/errors.js';
import { ticks } from '#src/domain/units.js';
import { timedVenue } from '#src/flow/timed-venue.js';
import type { OrderIntent } from '#src/ports/core-services/risk-manager.js';
import type { Capabilities } from '#src/ports/venue/capabilities.js';
import { checkCapabilities } from '#src/services/execution/engine/venue-abilities.js';
import { assertVenueServes } from '#src/services/runtime/venue-needs.js';
import { FAKE_CAPABILITIES } from '#src/testing/fake-capabilities.js';
import { FakeBroker } from '#src/testing/fake-broker.js';
import { ManualScheduler } from '#src/testing/manual-scheduler.js';
import { FakeConfigController } from '../../support/config.js';
import { Rig } from '../execution/rig.js';

const NOW = Date.UTC(2024, 0, 2);

/** Everything that a venue may be able to do. */
const ABLE: Required<Capabilities> = {
  ...FAKE_CAPABILITIES,
  orderTypes: ['market', 'limit', 'stop_market', 'stop_limit', 'trailing_stop'],
  timeInForce: ['GTC', 'IOC', 'FOK', 'GTD'],
  triggerPrices: ['last', 'mark', 'index'],
  amend: 'in_place',
  amendTriggers: true,
  cancelAll: 'account',
  batch: { place: 5, cancel: 10 },
  deadMan: { per: 'symbol', minMs: 5_000, maxMs: 600_000 },
  brackets: true,
  groups: true,
  closePosition: true,
  goodTillMin: 1_000,
  marginModes: ['cross', 'isolated'],
  positionMode: ['one_way', 'hedge'],
  hedges: false,
  preview: true,
  serverTime: true,
  marketSnapshots: true,
  accountSnapshots: true,
  accountTerms: true,
  fundingPayments: true,
  transfers: true,
};

const without = (lack: Partial<Capabilities>): Capabilities => ({ ...ABLE, ...lack });

/** What a call is answered before the venue is asked; nothing where it is asked. */
const call = (member: string, ...args: readonly unknown[]) => ({
  asked: member,
  answer: (can: Capabilities) => gateOf(member)?.(can, args),
});

const rig = new Rig();
/** What an order is answered before it is on its way. */
const order = (terms: Partial<OrderIntent>, closes = false) => ({
  asked: JSON.stringify(terms),
  answer: (can: Capabilities) =>
    checkCapabilities({ ...rig.intent(), type: 'limit', limit: ticks(1), ...terms }, can, NOW, closes),
});

/** What a start is answered. */
const start = {
  asked: 'start',
  answer: (can: Capabilities): unknown => {
    try {
      return assertVenueServes(can, 'bot');
    } catch (error) {
      return error;
    }
  },
};

interface Row {
  /** A venue without it. */
  readonly lack: Partial<Capabilities>;
  readonly asked: { readonly asked: string; readonly answer: (can: Capabilities) => unknown };
  readonly nearest: RegExp;
}
/** What refuses nothing: where it is read, and what for. */
type Told = string;

/** Every field, complete by its type. */
const FIELDS: { readonly [Field in keyof Required<Capabilities>]: Row | readonly Row[] | Told } = {
  venue: 'names the venue in every refusal: asserted below',
  environment: 'DI-005 before the first byte: tests/composition/worlds.test.ts',
  orderTypes: [
    {
      lack: { orderTypes: ['market', 'limit', 'stop_market'] },
      asked: order({ type: 'stop_limit', stop: ticks(1) }),
      nearest: /Nearest: stop_market\./,
    },
    {
      lack: { orderTypes: ['market'] },
      asked: order({ type: 'trailing_stop' }),
      nearest: /Nothing that it takes comes near\./,
    },
    { lack: { orderTypes: ['stop_market'] }, asked: start, nearest: /nothing could be closed/ },
  ],
  timeInForce: [
    { lack: { timeInForce: ['GTC', 'IOC'] }, asked: order({ timeInForce: 'FOK' }), nearest: /Nearest: IOC\./ },
    { lack: { timeInForce: ['GTC'], orderTypes: ['limit'] }, asked: start, nearest: /nothing could be closed/ },
  ],
  postOnly: {
    lack: { postOnly: 'none' },
    asked: order({ postOnly: true }),
    nearest: /a limit order at a price that does not take/,
  },
  reduceOnly: [
    { lack: { reduceOnly: 'none' }, asked: order({ reduceOnly: true }), nearest: /no more than what is held/ },
    {
      lack: { reduceOnly: 'close_position_only' },
      asked: order({ reduceOnly: true }),
      nearest: /closes the whole position/,
    },
  ],
  triggerPrices: { lack: { triggerPrices: ['last'] }, asked: order({ triggerBy: 'mark' }), nearest: /Nearest: last\./ },
  amend: { lack: { amend: 'none' }, asked: call('amendOrder', {}), nearest: /place another/ },
  amendTriggers: 'an order that waits is cancelled and placed anew: tests/unit/execution/amend.test.ts',
  cancelAll: [
    { lack: { cancelAll: 'none' }, asked: call('cancelAll', 'BTC-PERP'), nearest: /one by one/ },
    { lack: { cancelAll: 'symbol' }, asked: call('cancelAll'), nearest: /one symbol after the other/ },
  ],
  batch: [
    { lack: { batch: { place: 0, cancel: 10 } }, asked: call('placeOrders', [1]), nearest: /one by one/ },
    { lack: { batch: { place: 2, cancel: 10 } }, asked: call('placeOrders', [1, 2, 3]), nearest: /at most 2/ },
    { lack: { batch: { place: 2, cancel: 1 } }, asked: call('cancelOrders', [1, 2]), nearest: /at most 1/ },
  ],
  deadMan: [
    { lack: { deadMan: { per: 'symbol', minMs: 10_000 } }, asked: call('setDeadMan', 9_999, 'A'), nearest: /10000 ms/ },
    {
      lack: { deadMan: { per: 'symbol', maxMs: 10_000 } },
      asked: call('setDeadMan', 10_001, 'A'),
      nearest: /10000 ms/,
    },
  ],
  brackets: {
    lack: { brackets: false },
    asked: order({ options: { after: 'x' } }),
    nearest: /once that one has filled/,
  },
  groups: { lack: { groups: false }, asked: order({ options: { group: 'x' } }), nearest: /cancel the rest/ },
  closePosition: {
    lack: { closePosition: false },
    asked: order({ options: { closePosition: true } }),
    nearest: /whole size/,
  },
  goodTillMin: {
    lack: { goodTillMin: 600_000 },
    asked: order({ timeInForce: 'GTD', options: { goodTill: NOW + 599_999 } }),
    nearest: /Nearest: 2024-01-02T00:10:00\.000Z\./,
  },
  marginModes: [
    { lack: { marginModes: ['cross'] }, asked: call('setMarginMode', 'A', 'isolated'), nearest: /Use cross\./ },
    { lack: { marginModes: [] }, asked: call('setMarginMode', 'A', 'cross'), nearest: /as the venue has it/ },
    { lack: { marginModes: ['cross'] }, asked: call('moveIsolatedMargin', 'A'), nearest: /Reduce/ },
  ],
  clientOrderId: [
    { lack: { clientOrderId: { ...ABLE.clientOrderId, maxLength: 12 } }, asked: start, nearest: /translate ids/ },
    { lack: { clientOrderId: { ...ABLE.clientOrderId, pattern: /^\d+$/ } }, asked: start, nearest: /translate ids/ },
  ],
  requestExpiry: 'how long "not found" proves nothing: tests/unit/execution/gateway.test.ts',
  positionMode: [
    { lack: { positionMode: ['one_way'] }, asked: call('setPositionMode', 'hedge'), nearest: /Use one_way\./ },
    { lack: { positionMode: ['hedge'] }, asked: start, nearest: /State hedges/ },
  ],
  hedges: 'hedged positions halt a bot that does not count on them: tests/unit/execution/account-stream.test.ts',
  leverage: { lack: { leverage: 'none' }, asked: call('setLeverage', 'A', 2), nearest: /risk\.maxLeverage/ },
  streams: [
    { lack: { streams: { book: false, trades: true, account: true } }, asked: call('openBook'), nearest: /its trades/ },
    { lack: { streams: { book: true, trades: false, account: true } }, asked: call('openTrades'), nearest: /its book/ },
    {
      lack: { streams: { book: true, trades: true, account: false } },
      asked: call('openAccount'),
      nearest: /orders and fills/,
    },
    { lack: { streams: { book: true, trades: true, account: false } }, asked: start, nearest: /tell what is new/ },
  ],
  preview: { lack: { preview: false }, asked: call('previewOrder'), nearest: /previewOrders: false/ },
  serverTime: { lack: { serverTime: false }, asked: call('getServerTime'), nearest: /NTP/ },
  marketSnapshots: { lack: { marketSnapshots: false }, asked: call('getMarketSnapshot'), nearest: /order book/ },
  accountSnapshots: { lack: { accountSnapshots: false }, asked: call('getAccountSnapshot'), nearest: /balances/ },
  accountTerms: { lack: { accountTerms: false }, asked: call('describeAccount'), nearest: /on the venue itself/ },
  fundingPayments: { lack: { fundingPayments: false }, asked: call('listFundingPayments'), nearest: /wallet/ },
  transfers: { lack: { transfers: false }, asked: call('listTransfers'), nearest: /wallet/ },
};

const rows = Object.entries(FIELDS).flatMap(([field, row]) =>
  typeof row === 'string' ? [] : [row].flat().map((each: Row) => [field, each.asked.asked, each] as const),
);

describe('what a venue says that it cannot do is refused before the wire', () => {
  it.each(rows)('%s: %s', (field, _, { lack, asked, nearest }) => {
    expect(asked.answer(ABLE)).toBeUndefined();
    const refusal = asked.answer(without(lack));
    if (PerpsBotError.is(refusal)) {
      expect(refusal).toMatchObject({ code: 'VENUE-003', message: expect.stringMatching(/^fake must /) });
      expect(refusal.fix).toMatch(nearest);
    } else {
      expect(refusal).toMatchObject({
        check: 'unsupported',
        field,
        reason: expect.stringMatching(/^fake does not support /),
      });
      expect((refusal as { readonly reason: string }).reason).toMatch(nearest);
    }
  });

  it('names everything that keeps a bot from starting at once', () => {
    const lacking = without({
      positionMode: [],
      orderTypes: [],
      streams: { book: true, trades: true, account: false },
    });
    expect(start.answer(lacking)).toMatchObject({ code: 'VENUE-003', problems: { length: 3 } });
  });

  it('the venue is not asked, and by its word of now', async () => {
    const broker = new FakeBroker({ capabilities: { amend: 'none' } });
    const scheduler = new ManualScheduler();
    const config = new FakeConfigController();
    const venue = timedVenue(broker, () => ({ config, scheduler, host: scheduler }), gateOf);
    await expect(venue.amendOrder({} as never)).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(venue.placeOrders([])).rejects.toMatchObject({ code: 'VENUE-003' });
    await expect(venue.setLeverage('BTC-PERP', 2)).resolves.toBeUndefined();
  });
});
