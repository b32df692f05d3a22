import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { SocketSink } from '../../../ports/transport/socket-client.js';
import type { ServedSocket } from '../../../ports/transport/socket-server.js';
import { DAY_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import type { FaultyStreams } from '../faults/faulty-streams.js';
import type { StreamHub, StreamReader } from './stream-hub.js';
import { streamNamed } from './stream-names.js';
import type { StreamPlace } from './stream-place.js';
import { StreamRefusal, streamRequest, type StreamRequest } from './stream-request.js';
import type { UserStreams } from './user-streams.js';

const MOST_STREAMS = 1_024;
const MOST_MESSAGES = 10;
const SECOND_MS = 1_000;
const PING_MS = 3 * MINUTE_MS;
const PONG_WITHIN_MS = 10 * MINUTE_MS;
/** Whoever reads so slowly that this piles up is left. */
const MOST_BUFFERED_BYTES = 2 ** 24;
const POLICY = 1_008;
const GOING_AWAY = 1_001;

export interface StreamSocketParts {
  readonly hub: StreamHub;
  /** Accounts that are listened to by name, each under a route of its own. */
  readonly users: UserStreams;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
  /** Absent: what is told arrives. */
  readonly line?: FaultyStreams | undefined;
}

/** One client's socket: what it reads, and the venue's rules for it. Source: Binance, "Websocket Market Streams". */
export class StreamSocket implements SocketSink {
  /** What ends the reading of each stream; streams that the venue says nothing of stand here too. */
  private readonly reads = new Map<string, () => void>();
  private readonly timers: (() => void)[] = [];
  private isCombined: boolean;
  private second = Number.NaN;
  private messages = 0;
  private heardAt: number;

  constructor(
    private readonly socket: ServedSocket,
    private readonly place: StreamPlace,
    private readonly parts: StreamSocketParts,
  ) {
    const { clock, scheduler } = parts;
    this.isCombined = place.isCombined;
    this.heardAt = clock.now();
    this.timers.push(scheduler.after(DAY_MS, () => this.leave(GOING_AWAY, 'a day is over')));
    this.watch();
    for (const name of place.names.slice(0, MOST_STREAMS)) this.subscribe(name);
  }

  message(text: string): void {
    const second = Math.floor(this.parts.clock.now() / SECOND_MS);
    if (this.second !== second) this.messages = 0;
    this.second = second;
    this.messages += 1;
    if (this.messages > MOST_MESSAGES) {
      this.leave(POLICY, 'Too many requests');
      return;
    }
    try {
      const request = streamRequest(text);
      this.say({ result: this.answer(request), id: request.id });
    } catch (error) {
      if (!(error instanceof StreamRefusal)) throw error;
      this.say({ error: { code: error.code, msg: error.message }, id: error.id });
    }
  }

  pong(): void {
    this.heardAt = this.parts.clock.now();
  }

  closed(): void {
    for (const cancel of this.timers.splice(0)) cancel();
    for (const end of this.reads.values()) end();
    this.parts.line?.close();
    this.reads.clear();
  }

  private answer(request: StreamRequest): unknown {
    switch (request.method) {
      case 'SUBSCRIBE':
        if (new Set([...this.reads.keys(), ...request.names]).size > MOST_STREAMS)
          throw new StreamRefusal(2, `Invalid request: at most ${MOST_STREAMS} streams`, request.id);
        for (const name of request.names) this.subscribe(name);
        return null;
      case 'UNSUBSCRIBE':
        for (const name of request.names) {
          this.reads.get(name)?.();
          this.reads.delete(name);
        }
        return null;
      case 'LIST_SUBSCRIPTIONS':
        return [...this.reads.keys()];
      case 'SET_PROPERTY':
        this.isCombined = request.isCombined;
        return null;
      case 'GET_PROPERTY':
        return this.isCombined;
    }
  }

  private subscribe(name: string): void {
    if (this.reads.has(name)) return;
    const { line } = this.parts;
    const send = (data: string): void => this.send(this.isCombined ? `{"stream":"${name}","data":${data}}` : data);
    const reader = line === undefined ? send : (data: string): void => line.tell(name, data, send);
    this.reads.set(name, this.read(name, reader) ?? (() => undefined));
  }

  /** Undefined for what the venue says nothing of under this address. */
  private read(name: string, reader: StreamReader): (() => void) | undefined {
    const { route, events } = this.place;
    const { hub, users } = this.parts;
    if (route === undefined || route === 'private') {
      const end = users.read(name, events, reader);
      if (end !== undefined) return end;
    }
    return route === undefined || streamNamed(name)?.route === route ? hub.read(name, reader) : undefined;
  }

  private watch(): void {
    const { clock, scheduler } = this.parts;
    const look = (): void => {
      if (clock.now() - this.heardAt > PONG_WITHIN_MS) this.leave(POLICY, 'no pong');
      else {
        this.socket.ping();
        this.timers[1] = scheduler.after(PING_MS, look);
      }
    };
    this.timers[1] = scheduler.after(PING_MS, look);
  }

  private say(message: unknown): void {
    this.send(JSON.stringify(message));
  }

  private send(text: string): void {
    if (this.socket.buffered > MOST_BUFFERED_BYTES) this.socket.reset();
    else this.socket.send(text);
  }

  private leave(code: number, reason: string): void {
    this.closed();
    this.socket.close(code, reason);
  }
}
