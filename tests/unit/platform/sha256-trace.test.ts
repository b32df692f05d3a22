import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { Decimal } from '#src/domain/decimal.js';
import type { Posting } from '#src/domain/ledger.js';
import {
  venueOrderId,
  OrderRequest,
  type Fill,
  type FundingPayment,
  type Order,
  type OrderTerms,
} from '#src/domain/order.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import { DigestStream } from '#src/platform/digest-stream.js';
import { Sha256Trace } from '#src/platform/sha256-trace.js';
import { instrument } from '#src/testing/instruments.js';

const BTC = instrument();

const TERMS: OrderTerms = {
  clientId: 'PB1',
  instrument: BTC,
  side: 'buy',
  type: 'limit',
  lots: lots(10),
  limit: ticks(500_000),
  timeInForce: 'GTC',
  postOnly: false,
  reduceOnly: false,
};
const ORDER: Order = {
  request: new OrderRequest(TERMS),
  status: 'open',
  venueIds: [venueOrderId('v1')],
  filled: lots(0),
  filledNotional: units(0),
  createdAt: 1,
  updatedAt: 2,
};
const FILL: Fill = {
  tradeId: 't1',
  clientId: 'PB1',
  venueId: venueOrderId('v1'),
  instrument: BTC,
  side: 'buy',
  lots: lots(10),
  price: ticks(500_000),
  fee: units(-5),
  liquidity: 'taker',
  at: 3,
};
const FUNDING: FundingPayment = {
  id: 'f1',
  instrument: BTC,
  at: 4,
  rate: new Decimal('0.0001'),
  markPrice: new Decimal('50000'),
  lots: lots(10),
  amount: units(-7),
};
const POSTING: Posting = { at: 5, from: 'cash', to: 'fees', amount: units(5), ref: 't1' };

const digestOf = (write: (trace: Sha256Trace) => void): string => {
  const trace = new Sha256Trace();
  write(trace);
  return trace.digest();
};

describe('trace', () => {
  it('has an equal digest for an equal run, in another process too', () => {
    const run = (trace: Sha256Trace): void => {
      trace.header({ seed: 7, fees: new Decimal('0.0005') });
      trace.decision('BTC-PERP', 'buy', marks(5_000_000), 1_704_153_600_000);
      trace.order(ORDER);
      trace.fill(FILL);
      trace.funding(FUNDING);
      trace.posting(POSTING);
      trace.decision('ETH-PERP', 'hold', marks(300_000), 1_704_153_660_000);
    };
    expect(digestOf(run)).toBe(digestOf(run));
    expect(digestOf(run)).toBe('3512a0c61236457fffe805576c46ed60abc5fc2a995fef893275d19b14844fb8');
  });

  it('changes with every field of every record', () => {
    const variants: ((trace: Sha256Trace) => void)[] = [
      () => undefined,
      ...[{}, { a: 1 }, { a: 2 }, { b: 1 }, { a: '1' }, { a: Number.NaN }, { a: null }, { a: 1n }].map(
        (facts) => (trace: Sha256Trace) => trace.header(facts),
      ),
      ...(['buy', 'sell', 'hold', 'close'] as const).map(
        (action) => (trace: Sha256Trace) => trace.decision('BTC-PERP', action, marks(1), 1),
      ),
      (trace) => trace.decision('BTC-PERP', 'buy', marks(2), 1),
      (trace) => trace.decision('BTC-PERP', 'buy', marks(1), 2),
      (trace) => trace.decision('ETH-PERP', 'buy', marks(1), 1),
      ...[
        {},
        { status: 'filled' as const },
        { venueIds: [] },
        { venueIds: [venueOrderId('v1'), venueOrderId('v2')] },
        { venueIds: [venueOrderId('v1v2')] },
        { filled: lots(1) },
        { filledNotional: units(1) },
        { createdAt: 9 },
        { updatedAt: 9 },
        { reason: '' },
        { reason: 'x' },
        { origin: { strategy: 's', reason: 'r', decidedAt: 1 } },
        { origin: { strategy: 's', reason: 'r', decidedAt: 2 } },
        { origin: { strategy: 'sr', reason: '', decidedAt: 1 } },
      ].map((change) => (trace: Sha256Trace) => trace.order({ ...ORDER, ...change })),
      ...[
        { clientId: 'PB2' },
        { side: 'sell' as const },
        { type: 'stop_limit' as const },
        { lots: lots(11) },
        { limit: ticks(1) },
        { stop: ticks(500_000) },
        { triggerBy: 'mark' as const },
        { timeInForce: 'IOC' as const },
        { postOnly: true },
        { reduceOnly: true },
        { leverage: 2 },
        { expiresAt: 2 },
        { options: { group: 'g' } },
        { options: { group: 'h' } },
        { options: { positionSide: 'long' as const } },
        { options: { goodTill: 5 } },
        { instrument: instrument({ symbol: 'ETH-PERP' }) },
      ].map(
        (change) => (trace: Sha256Trace) =>
          trace.order({ ...ORDER, request: new OrderRequest({ ...TERMS, ...change }) }),
      ),
      ...[
        {},
        { tradeId: 't2' },
        { clientId: 'x' },
        { venueId: venueOrderId('x') },
        { side: 'sell' as const },
        { lots: lots(9) },
        { price: ticks(1) },
        { fee: units(5) },
        { liquidity: 'maker' as const },
        { at: 9 },
        { cause: 'adl' as const },
        { positionSide: 'long' as const },
        { positionSide: 'short' as const },
        { tradeId: 't', clientId: '1PB1' },
      ].map((change) => (trace: Sha256Trace) => trace.fill({ ...FILL, ...change })),
      ...[
        {},
        { id: 'f2' },
        { at: 9 },
        { rate: undefined },
        { rate: new Decimal('0.0002') },
        { markPrice: new Decimal(1) },
        { lots: lots(-10) },
        { amount: units(7) },
        { amount: undefined },
      ].map((change) => (trace: Sha256Trace) => trace.funding({ ...FUNDING, ...change })),
      ...[
        {},
        { at: 9 },
        { from: 'margin' as const },
        { to: 'price' as const },
        { amount: units(6) },
        { ref: 't2' },
      ].map((change) => (trace: Sha256Trace) => trace.posting({ ...POSTING, ...change })),
      (trace) => {
        trace.posting(POSTING);
        trace.fill(FILL);
      },
      (trace) => {
        trace.fill(FILL);
        trace.posting(POSTING);
      },
    ];
    const digests = variants.map(digestOf);
    expect(new Set(digests).size).toBe(variants.length);
  });

  it('changes with every mark, time, symbol and place of a row of holds', () => {
    const row = (change: (n: number) => readonly [string, number, number]): string =>
      digestOf((trace) => {
        for (let n = 0; n < 40; n += 1) {
          const [symbol, mark, at] = change(n);
          trace.decision(symbol, 'hold', marks(mark), at);
        }
      });
    const plain = (n: number): readonly [string, number, number] => [
      n % 2 === 0 ? 'BTC-PERP' : 'ETH-PERP',
      5_000_000_000 + n,
      1_704_153_600_000 + n * 60_000,
    ];
    const digests = new Set([row(plain)]);
    let variants = 1;
    const add = (change: (n: number) => readonly [string, number, number]): void => {
      digests.add(row(change));
      variants += 1;
    };
    for (let at = 0; at < 40; at += 1) {
      add((n) => (n === at ? [plain(n)[0], plain(n)[1] + 1, plain(n)[2]] : plain(n)));
      add((n) => (n === at ? [plain(n)[0], plain(n)[1] + 2 ** 33, plain(n)[2]] : plain(n)));
      add((n) => (n === at ? [plain(n)[0], plain(n)[1], plain(n)[2] + 1] : plain(n)));
      add((n) => (n === at ? [plain(n)[0], plain(n)[1], plain(n)[2] + 2 ** 34] : plain(n)));
      if (at > 1) add((n) => (n === at ? [n % 2 === 0 ? 'ETH-PERP' : 'BTC-PERP', plain(n)[1], plain(n)[2]] : plain(n)));
      if (at > 1) add((n) => plain(n === at ? n - 2 : n === at - 2 ? n + 2 : n));
    }
    expect(digests.size).toBe(variants);
  });

  it('goes on after a digest, which does not change it', () => {
    const interrupted = digestOf((trace) => {
      for (let n = 0; n < 5_000; n += 1) {
        trace.decision(n % 3 === 0 ? 'BTC-PERP' : 'ETH-PERP', 'hold', marks(n), n);
        if (n % 700 === 0) expect(trace.digest()).toBe(trace.digest());
      }
    });
    const straight = digestOf((trace) => {
      for (let n = 0; n < 5_000; n += 1) trace.decision(n % 3 === 0 ? 'BTC-PERP' : 'ETH-PERP', 'hold', marks(n), n);
    });
    expect(interrupted).toBe(straight);
  });

  it('does not depend on the order in which a header names its facts', () => {
    expect(digestOf((trace) => trace.header({ a: 1, b: { c: 1, d: 2 } }))).toBe(
      digestOf((trace) => trace.header({ b: { d: 2, c: 1 }, a: 1 })),
    );
  });

  it('counts its records', () => {
    const trace = new Sha256Trace();
    trace.header({});
    trace.decision('BTC-PERP', 'hold', marks(1), 1);
    trace.order(ORDER);
    expect(trace.records).toBe(3);
  });
});

describe('digest stream', () => {
  it('hashes exactly the bytes it was given, across its buffer and in texts longer than it', () => {
    const stream = new DigestStream();
    const parts: Buffer[] = [];
    const double = (value: number): void => {
      parts.push(Buffer.from(new Float64Array([value]).buffer));
    };
    const text = (value: string): void => {
      const bytes = Buffer.from(value, 'utf8');
      double(bytes.length);
      parts.push(bytes, Buffer.alloc((8 - (bytes.length % 8)) % 8));
    };
    for (let n = 0; n < 3_000; n += 1) {
      stream.three(n, n + 0.5, -n);
      [n, n + 0.5, -n].forEach(double);
      stream.text(`ü${'x'.repeat(n % 19)}`);
      text(`ü${'x'.repeat(n % 19)}`);
    }
    for (const length of [0, 8, 65_535, 65_536, 65_537, 200_000]) {
      stream.text('漢'.repeat(Math.floor(length / 3)));
      text('漢'.repeat(Math.floor(length / 3)));
    }
    stream.optional(undefined);
    stream.optionalText('');
    [0, 1, 0].forEach(double);
    expect(stream.digest()).toBe(createHash('sha256').update(Buffer.concat(parts)).digest('hex'));
  });
});
