import { RecordedSession } from '#src/data/session/recorded-session.js';
import { parseFrame } from '#src/data/session/frames.js';
import { sessionLines } from '#src/data/session/session-lines.js';
import { Decimal } from '#src/domain/decimal.js';
import { SessionPlayer } from '#src/wire/binance-usdm/market/session-player.js';
import { UsdmScene } from './usdm-scene.js';

const FILE = 'session.ndjson';
const STEP_MS = 1_000;

export interface ToldSession {
  readonly snapshots: number;
  /** Messages of the depth after the snapshot. */
  readonly diffs: number;
  /** Those after which the best prices are others than the venue's, and those of which the venue says nothing. */
  readonly mismatches: readonly string[];
  readonly unchecked: number;
  /** Gaps, silences and ends. */
  readonly notices: readonly string[];
  /** Prices and sizes, as the adapter told them and as the session has them from its snapshot on. */
  readonly trades: readonly string[];
  readonly played: readonly string[];
}

/** What the adapter tells of a session that the server plays for `ms`, its depth `every` so often. */
export async function toldOf(bytes: Uint8Array, every: '0ms' | '100ms', ms: number): Promise<ToldSession> {
  const scene = await new UsdmScene().serve();
  scene.address = (url) => url.replace('@depth@100ms', `@depth@${every}`);
  const player = new SessionPlayer(scene.btc, new RecordedSession(bytes, FILE).events(), scene.clock, scene.scheduler);
  const played: string[] = [];
  scene.btc.listeners.add({ traded: ({ price, size }) => played.push(tradeOf(price, size)) });
  player.start();
  const truth = bestOf(bytes);
  let [snapshots, diffs, unchecked] = [0, 0, 0];
  const mismatches: string[] = [];
  const look =
    (sink: typeof scene.sink): typeof scene.sink =>
    (event) => {
      sink(event);
      if (event.kind !== 'depth') return;
      if (event.type === 'snapshot') snapshots += 1;
      else diffs += 1;
      const update = event.sequence?.last ?? Number.NaN;
      const said = truth(update);
      if (said === undefined) unchecked += 1;
      else if (said !== scene.bestOf('BTCUSDT'))
        mismatches.push(`${update}: ${String(scene.bestOf('BTCUSDT'))}, and the venue said ${said}`);
    };
  const { market, abort } = scene;
  const open = [
    market.openBook(['BTCUSDT'], 2, look(scene.sink), abort.signal),
    market.openTrades(['BTCUSDT'], scene.sink, abort.signal),
  ];
  await scene.within(Promise.all(open), 60_000, 1);
  for (let passed = 0; passed < ms; passed += STEP_MS) await scene.scheduler.advance(STEP_MS);
  const notices = scene.told.flatMap((event) =>
    event.kind === 'gap' || event.kind === 'stale' || event.kind === 'closed' ? [`${event.kind} ${event.message}`] : [],
  );
  const trades = scene.heard('trade').map(({ price, size }) => tradeOf(price, size));
  player.stop();
  abort.abort();
  await scene.scheduler.advance(0);
  return { snapshots, diffs, mismatches, unchecked, notices, trades, played };
}

const tradeOf = (price: Decimal, size: Decimal): string => `${price.toString()} ${size.toString()}`;

/** The venue's last word on an update. Asked for in the order of the updates. */
function bestOf(bytes: Uint8Array): (update: number) => string | undefined {
  const words: (readonly [update: number, best: string])[] = [];
  for (const line of sessionLines(bytes, FILE)) {
    const frame = line === '' ? undefined : parseFrame(line, FILE);
    if (frame?.kind === 'ticker')
      words.push([frame.update, [...frame.bid, ...frame.ask].map((text) => new Decimal(text).toString()).join(' ')]);
  }
  words.sort(([a], [b]) => a - b);
  let next = 0;
  return (update) => {
    while ((words[next]?.[0] ?? Number.POSITIVE_INFINITY) <= update) next += 1;
    return words[next - 1]?.[1];
  };
}
