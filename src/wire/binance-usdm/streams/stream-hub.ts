import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { WireMarkets } from '../rest/asked.js';
import { bookTickerStream, depthStream, levelsStream } from './book-streams.js';
import { aggTradeStream, klineStream, markPriceStream, tickerStream, tradeStream } from './price-streams.js';
import { streamNamed, type StreamTopic } from './stream-names.js';
import type { StreamSource } from './stream-source.js';

/** Hears the messages of a stream, as JSON. */
export type StreamReader = (data: string) => void;

interface Running {
  readonly readers: Set<StreamReader>;
  readonly end: () => void;
}

/** The streams that somebody reads: each is made once, however many read it, and ends with its last reader. */
export class StreamHub {
  private readonly running = new Map<string, Running>();

  constructor(
    private readonly markets: WireMarkets,
    private readonly clock: Clock,
    private readonly scheduler: Scheduler,
  ) {}

  /** Returns what ends the reading; undefined where there is no such stream, and the venue says nothing of it. */
  read(name: string, reader: StreamReader): (() => void) | undefined {
    const running = this.running.get(name) ?? this.begin(name);
    if (running === undefined) return undefined;
    running.readers.add(reader);
    return () => {
      if (!running.readers.delete(reader) || running.readers.size > 0) return;
      this.running.delete(name);
      running.end();
    };
  }

  private begin(name: string): Running | undefined {
    const stream = streamNamed(name);
    const market = this.markets.get(stream?.symbol ?? '');
    if (stream === undefined || market === undefined) return undefined;
    const readers = new Set<StreamReader>();
    const tell = (data: unknown): void => {
      const text = JSON.stringify(data);
      for (const read of [...readers]) read(text);
    };
    const { clock, scheduler } = this;
    const running = { readers, end: sourceOf(stream.topic)({ market, clock, scheduler, tell }) };
    this.running.set(name, running);
    return running;
  }
}

function sourceOf(topic: StreamTopic): StreamSource {
  switch (topic.kind) {
    case 'depth':
      return depthStream(topic.everyMs);
    case 'levels':
      return levelsStream(topic.count, topic.everyMs);
    case 'bookTicker':
      return bookTickerStream;
    case 'aggTrade':
      return aggTradeStream;
    case 'trade':
      return tradeStream;
    case 'ticker':
      return tickerStream;
    case 'markPrice':
      return markPriceStream(topic.everyMs);
    case 'kline':
      return klineStream(topic.intervalMs, topic.interval);
  }
}
