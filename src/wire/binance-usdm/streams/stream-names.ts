import { intervalOf } from '../intervals.js';

/** Addresses under which the venue serves a stream; the old ones serve all. */
export type StreamRoute = 'public' | 'market' | 'private';

export type StreamTopic =
  | { readonly kind: 'depth'; readonly everyMs: number }
  /** The best levels alone, whole each time. */
  | { readonly kind: 'levels'; readonly count: number; readonly everyMs: number }
  | { readonly kind: 'bookTicker' | 'aggTrade' | 'trade' | 'ticker' }
  | { readonly kind: 'markPrice'; readonly everyMs: number }
  | { readonly kind: 'kline'; readonly intervalMs: number; readonly interval: string };

export interface StreamName {
  /** Of the market on the wire. */
  readonly symbol: string;
  readonly topic: StreamTopic;
  readonly route: StreamRoute;
}

const DEPTH = /^depth(5|10|20)?(?:@(0|100|250|500)ms)?$/;
const USUAL_DEPTH_MS = 250;
const MARK = /^markPrice(@1s)?$/;
const USUAL_MARK_MS = 3_000;
const SECOND_MS = 1_000;
const KLINE = /^kline_(\w+)$/;

/** What `btcusdt@depth@100ms` and its like mean; undefined for a name that means nothing, as one in capitals does. */
export function streamNamed(name: string): StreamName | undefined {
  const at = name.indexOf('@');
  const symbol = name.slice(0, at);
  const topic = at < 1 || symbol !== symbol.toLowerCase() ? undefined : topicOf(name.slice(at + 1));
  return topic === undefined ? undefined : { symbol: symbol.toUpperCase(), topic, route: routeOf(topic) };
}

function topicOf(text: string): StreamTopic | undefined {
  if (text === 'bookTicker' || text === 'aggTrade' || text === 'trade' || text === 'ticker') return { kind: text };
  const depth = DEPTH.exec(text);
  if (depth !== null) {
    const everyMs = depth[2] === undefined ? USUAL_DEPTH_MS : Number(depth[2]);
    return depth[1] === undefined ? { kind: 'depth', everyMs } : { kind: 'levels', count: Number(depth[1]), everyMs };
  }
  const mark = MARK.exec(text);
  if (mark !== null) return { kind: 'markPrice', everyMs: mark[1] === undefined ? USUAL_MARK_MS : SECOND_MS };
  const interval = KLINE.exec(text)?.[1] ?? '';
  const intervalMs = intervalOf(interval);
  return intervalMs === undefined ? undefined : { kind: 'kline', intervalMs, interval };
}

/** Source: Binance, notice on the base addresses of streams, in force since 2026-04-23. */
const routeOf = ({ kind }: StreamTopic): StreamRoute =>
  kind === 'depth' || kind === 'levels' || kind === 'bookTicker' || kind === 'trade' ? 'public' : 'market';
