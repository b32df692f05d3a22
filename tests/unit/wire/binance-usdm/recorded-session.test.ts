import { existsSync, readFileSync } from 'node:fs';
import { beforeEach, describe, expect, it } from '@jest/globals';
import { BookSequence } from '#src/domain/book/book-sequence.js';
import { DecimalBook } from '#src/domain/book/decimal-book.js';
import { RecordedSession } from '#src/data/session/recorded-session.js';
import { SessionPlayer } from '#src/wire/binance-usdm/market/session-player.js';
import { makeSession } from '../../../support/session.js';
import { Reader } from './reader.js';
import { level, NOW, Scene } from './scene.js';

const RECORDING = '../shared/data/sessions/binance_usdm_btcusdt_20240808.ndjson.gz';
const session = (lines: readonly string[]): RecordedSession =>
  new RecordedSession(new TextEncoder().encode(lines.join('\n')), 'session.ndjson');

interface Diff {
  readonly e: string;
  readonly U: number;
  readonly u: number;
  readonly pu: number;
  readonly b: readonly (readonly [string, string])[];
  readonly a: readonly (readonly [string, string])[];
}

interface Ticker {
  readonly u: number;
  readonly b: string;
  readonly B: string;
  readonly a: string;
  readonly A: string;
}

/** A book kept by the rules that the venue documents, from a server that plays a session. */
class KeptBook {
  readonly book = new DecimalBook();
  readonly sequence = new BookSequence();
  known = Number.NaN;
  gaps = 0;

  constructor(private readonly reader: Reader) {}

  async begin(scene: Scene): Promise<void> {
    const snapshot = (await scene.get('/fapi/v1/depth?symbol=BTCUSDT&limit=1000')) as {
      readonly lastUpdateId: number;
      readonly bids: Diff['b'];
      readonly asks: Diff['a'];
    };
    this.sequence.begin(snapshot.lastUpdateId);
    this.set(snapshot.bids, snapshot.asks);
  }

  /** Best prices after each update that was told since. */
  async follow(tops: Map<number, string>): Promise<void> {
    for (const message of (await this.reader.heard()) as Diff[]) {
      const fit = this.sequence.take({ first: message.U, last: message.u, previous: message.pu });
      if (fit === 'gap') this.gaps += 1;
      if (fit !== 'next') continue;
      this.set(message.b, message.a);
      tops.set(message.u, this.top);
    }
  }

  get top(): string {
    const [bid, ask] = [this.book.best('buy'), this.book.best('sell')];
    return [bid?.price, bid?.size, ask?.price, ask?.size].join(' ');
  }

  private set(bids: Diff['b'], asks: Diff['a']): void {
    for (const [price, size] of bids) this.book.set('buy', level(price, size));
    for (const [price, size] of asks) this.book.set('sell', level(price, size));
  }
}

const topOf = ({ b, B, a, A }: Ticker): string => {
  const [bid, ask] = [level(b, B), level(a, A)];
  return [bid.price, bid.size, ask.price, ask.size].join(' ');
};

describe('a recorded session played by the server', () => {
  let scene: Scene;
  beforeEach(async () => {
    scene = await new Scene().serve();
  });
  const play = (recorded: RecordedSession): SessionPlayer => {
    const player = new SessionPlayer(scene.btc, recorded.events(), scene.clock, scene.scheduler);
    player.start();
    return player;
  };

  it('happens now, at its own pace, from its snapshot to its end', async () => {
    const at = Date.UTC(2024, 7, 8);
    const line = (ms: number, frame: object): string => `${at + ms}000000 ${JSON.stringify(frame)}`;
    const stamp = (ms: number): object => ({ E: at + ms + 7_000, T: at + ms + 7_000, s: 'BTCUSDT' });
    const diff = (ms: number, U: number, u: number, pu: number, b: string[][]): string =>
      line(ms, { stream: 'btcusdt@depth', data: { e: 'depthUpdate', ...stamp(ms), U, u, pu, b, a: [] } });
    const recorded = session([
      diff(0, 90, 95, 89, [['99.00', '9']]),
      diff(10, 96, 105, 95, [['100.00', '4.5']]),
      line(20, { lastUpdateId: 100, E: at + 7_020, bids: [['100.00', '4']], asks: [['100.20', '1']] }),
      line(30, { e: 'trade', ...stamp(30), t: 5, p: '100.20', q: '0.250', X: 'MARKET', m: false }),
      line(35, { e: 'trade', ...stamp(35), t: 6, p: '0', q: '0', X: 'NA', m: false }),
      diff(40, 106, 107, 105, [['100.10', '2']]),
      line(1_020, { e: 'markPriceUpdate', ...stamp(1_020), p: '100.155', i: '', P: '', r: '0.0001', T: at + 8_000 }),
    ]);
    expect([recorded.symbol, recorded.tick.toString(), recorded.step.toString()]).toEqual(['BTCUSDT', '0.1', '0.01']);
    const player = play(recorded);
    let isOver = false;
    void player.ended.then(() => (isOver = true));
    const best = async (): Promise<unknown> => {
      const { bids, lastUpdateId } = (await scene.get('/fapi/v1/depth?symbol=BTCUSDT')) as Record<string, string[][]>;
      return [bids?.[0], lastUpdateId];
    };
    expect(await best()).toEqual([['100.0', '4.500'], 105]);
    expect(scene.btc.mark?.toString()).toBe('100.1');
    await scene.scheduler.advance(10);
    expect(await scene.get('/fapi/v1/trades?symbol=BTCUSDT')).toMatchObject([{ price: '100.2', time: NOW + 10 }]);
    await scene.scheduler.advance(10);
    expect(await best()).toEqual([['100.1', '2.000'], 107]);
    expect(scene.btc.at).toBe(NOW + 20);
    await scene.scheduler.advance(979);
    expect(isOver).toBe(false);
    await scene.scheduler.advance(1);
    expect(isOver).toBe(true);
    expect(await scene.get('/fapi/v1/premiumIndex?symbol=BTCUSDT')).toMatchObject({
      markPrice: '100.15500000',
      indexPrice: '',
      lastFundingRate: '0.00010000',
      nextFundingTime: NOW + 980,
    });
  });

  it('stands still where the recording has a hole, until its next snapshot', async () => {
    const made = makeSession({ messages: 40 });
    const diffs = made.lines.flatMap((line, i) => (line.includes('depthUpdate') ? [i] : []));
    const holed = made.lines.filter((_, i) => i !== diffs[20]);
    const again = JSON.parse(
      (holed.find((line) => line.includes('lastUpdateId')) as string).replace(/^\d+ /, ''),
    ) as object;
    const lastOf = (line: string): number => Number(/"u":(\d+)/.exec(line)?.[1]);
    const after = holed.findIndex((line) => line === made.lines[diffs[30] as number]);
    holed.splice(
      after + 1,
      0,
      `${after}500000 ${JSON.stringify({ ...again, lastUpdateId: lastOf(holed[after] as string) })}`,
    );
    play(session(holed));
    const seen: number[] = [];
    scene.btc.listeners.add({ changed: (_changes, _first, last) => seen.push(last) });
    await scene.scheduler.advance(1_000);
    const numbers = diffs.map((i) => lastOf(made.lines[i] as string));
    expect(seen.slice(-10)).toEqual(numbers.slice(-10));
    expect(seen).not.toContain(numbers[25]);
    expect(seen).toContain(numbers[19]);
  });

  it.each([
    ['no snapshot', (lines: readonly string[]) => lines.filter((line) => !line.includes('lastUpdateId'))],
    ['two symbols', (lines: readonly string[]) => [...lines, (lines[0] as string).replace('"BTCUSDT"', '"ETHUSDT"')]],
    ['nothing', () => []],
  ])('is refused with %s', (_name, change) => {
    expect(() => session(change(makeSession().lines))).toThrow(expect.objectContaining({ code: 'DATA-006' }));
  });

  it('is refused without times, and of another symbol', () => {
    const { lines } = makeSession();
    expect(() => session(lines.map((line) => line.replace(/^\d+ /, '')))).toThrow(
      expect.objectContaining({ code: 'DATA-003' }),
    );
    const bytes = new TextEncoder().encode(lines.join('\n'));
    expect(() => new RecordedSession(bytes, 'file', 'ETHUSDT')).toThrow(expect.objectContaining({ code: 'DATA-006' }));
  });

  const told = (lines: readonly string[]): Map<number, string> => {
    const tickers = lines.filter((line) => line.includes('"bookTicker"'));
    return new Map(
      tickers.map((line) => {
        const { data } = JSON.parse(line.replace(/^\d+ /, '')) as { readonly data: Ticker };
        return [data.u, topOf(data)];
      }),
    );
  };

  it.each([0, 100, 500])('gives a client the book that was there, by the documented rules: every %i ms', async (ms) => {
    const made = makeSession({ messages: 2_000, seed: 7 });
    play(session(made.lines));
    const kept = new KeptBook(await Reader.open(scene, `/ws/btcusdt@depth@${ms}ms`));
    await scene.scheduler.advance(500);
    await kept.begin(scene);
    const tops = new Map<number, string>();
    await scene.scheduler.advance(3_500);
    await kept.follow(tops);
    const known = told(made.lines);
    expect(kept.gaps).toBe(0);
    expect(tops.size).toBeGreaterThan(ms === 0 ? 1_500 : 5);
    expect([...tops].filter(([update, top]) => known.get(update) !== top)).toEqual([]);
  });

  (existsSync(RECORDING) ? it : it.skip)('gives a client the book of the real venue at every diff', async () => {
    const recorded = new RecordedSession(readFileSync(RECORDING), RECORDING);
    expect([recorded.tick.toString(), recorded.step.toString()]).toEqual(['0.1', '0.001']);
    play(recorded);
    const kept = new KeptBook(await Reader.open(scene, '/ws/btcusdt@depth@0ms'));
    const best = await Reader.open(scene, '/ws/btcusdt@bookTicker');
    await kept.begin(scene);
    const tops = new Map<number, string>();
    await scene.scheduler.advance(15_000);
    await kept.follow(tops);
    expect([kept.gaps, tops.size > 120]).toEqual([0, true]);
    const server = new Map(((await best.heard()) as Ticker[]).map((ticker) => [ticker.u, topOf(ticker)]));
    expect(server.size).toBeGreaterThan(50);
    expect([...server].filter(([update, top]) => tops.get(update) !== top)).toEqual([]);
  });
});
