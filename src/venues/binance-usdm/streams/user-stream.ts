import { SocketWatch, type WatchPorts } from '../../../connect/socket-watch.js';
import { WireFields } from '../../../connect/wire-fields.js';
import { messageOf } from '../../../domain/errors.js';
import { HOUR_MS, MINUTE_MS } from '../../../domain/time-spans.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { SocketClient } from '../../../ports/transport/socket-client.js';
import type { AccountEvent } from '../../../ports/venue/account-event.js';
import type { StreamNotice } from '../../../ports/venue/stream-notice.js';
import type { Subscription } from '../../../ports/venue/subscription.js';
import type { SignedRequests } from '../rest/signed-requests.js';
import type { UserNews } from './user-frames.js';

const OPEN_MS = 10_000;
/** A key lives for an hour. Source: Binance, "User Data Streams". */
const RENEW_MS = 30 * MINUTE_MS;
const RENEW_AGAIN_MS = MINUTE_MS;
/** So long after its last renewal a key is not trusted to live any more. */
const LIVES_MS = 55 * MINUTE_MS;
/** The venue ends every socket after a day. */
const ROTATE_MS = 23 * HOUR_MS;
/** The ledger may lag behind the message that says that it has moved. */
const LEDGER_MS = [250, 3_000, 15_000] as const;

export interface UserStreamPorts extends WatchPorts {
  readonly sockets: SocketClient;
  readonly scheduler: Pick<Scheduler, 'after'>;
  readonly streamUrl: string;
  readonly requests: Pick<SignedRequests, 'byKey'>;
  readonly read: (text: string) => UserNews;
  /** Payments and transfers at or after an instant, as events. */
  readonly ledger: (since: number) => Promise<readonly AccountEvent[]>;
  /** A type that nobody knows, and a message of it. */
  readonly unknown: (event: string, text: string) => void;
}

/**
 * What happens to the account, by a listen key that is kept alive. Another socket takes over before this one must go:
 * what both tell is told twice, and nothing is lost between them.
 */
export class UserStream implements Subscription {
  readonly closed: Promise<void>;
  private resolveClosed: () => void = () => undefined;
  private readonly sockets = new Set<SocketWatch>();
  private current: SocketWatch | undefined;
  private readonly timers = new Set<() => void>();
  private renewedAt = Number.NEGATIVE_INFINITY;
  private rotating: Promise<void> | undefined;
  private isOver = false;

  private constructor(
    private readonly ports: UserStreamPorts,
    private readonly sink: (event: AccountEvent) => void,
    private readonly signal: AbortSignal,
  ) {
    this.closed = new Promise((resolve) => (this.resolveClosed = resolve));
  }

  /** Rejects where the venue gives no key, or opens no stream. */
  static async open(
    ports: UserStreamPorts,
    sink: (event: AccountEvent) => void,
    signal: AbortSignal,
  ): Promise<UserStream> {
    const stream = new UserStream(ports, sink, signal);
    signal.addEventListener('abort', stream.aborted, { once: true });
    try {
      if (signal.aborted) throw new Error('the stream is not wanted any more');
      await stream.connect();
      stream.later(RENEW_MS, () => stream.renew());
      stream.later(ROTATE_MS, () => stream.rotateDaily());
      return stream;
    } catch (error) {
      stream.close();
      throw error;
    }
  }

  close(): void {
    if (this.isOver) return;
    this.isOver = true;
    this.signal.removeEventListener('abort', this.aborted);
    for (const cancel of this.timers) cancel();
    for (const socket of this.sockets) socket.close();
    this.sockets.clear();
    this.resolveClosed();
  }

  private readonly aborted = (): void => {
    this.close();
  };

  /** A key, the living one where there is one, and a socket by it; those of before are left once it stands. */
  private async connect(): Promise<void> {
    const said = await this.ports.requests.byKey({ method: 'POST', path: '/fapi/v1/listenKey', weight: 1 });
    const key = new WireFields(said, 'A listen key').text('listenKey');
    this.renewedAt = this.ports.clock.now();
    const watch: SocketWatch = new SocketWatch(this.ports, {
      message: (text) => this.message(text),
      ended: (why) => this.ended(watch, why),
    });
    const url = `${this.ports.streamUrl}/private/ws?listenKey=${encodeURIComponent(key)}`;
    const socket = await this.ports.sockets.open(url, { timeoutMs: OPEN_MS, signal: this.signal }, watch.heard);
    if (this.isOver) {
      socket.close();
      return;
    }
    const before = [...this.sockets];
    this.sockets.add(watch);
    this.current = watch;
    watch.follow(socket);
    for (const old of before) {
      this.sockets.delete(old);
      old.close();
    }
  }

  private ended(watch: SocketWatch, why: string): void {
    this.sockets.delete(watch);
    if (this.current === watch) this.fail(why);
  }

  private message(text: string): void {
    if (this.isOver) return;
    let news: UserNews;
    try {
      news = this.ports.read(text);
    } catch (error) {
      // It costs itself: what it said is asked for.
      this.notice('gap', `A message of the account cannot be read: ${messageOf(error)}`);
      return;
    }
    for (const event of news.events) this.sink(event);
    if (news.unknown !== undefined) this.ports.unknown(news.unknown, text);
    if (news.moneyMovedAt !== undefined) this.readLedger(news.moneyMovedAt, 0);
    if (news.isExpired === true) this.expired();
  }

  /** The key has ended: what happened since is asked for. */
  private expired(): void {
    this.notice('gap', 'The key that the account is listened by has ended');
    this.rotate();
  }

  private renew(): void {
    this.ports.requests.byKey({ method: 'PUT', path: '/fapi/v1/listenKey', weight: 1 }).then(
      () => {
        this.renewedAt = this.ports.clock.now();
        this.later(RENEW_MS, () => this.renew());
      },
      (error: unknown) => {
        if (this.isOver) return;
        const age = this.ports.clock.now() - this.renewedAt;
        const isGone = (error as { readonly venueCode?: number } | null)?.venueCode !== undefined;
        const isOver = isGone || age > LIVES_MS;
        if (isOver) this.expired();
        this.later(isOver ? RENEW_MS : RENEW_AGAIN_MS, () => this.renew());
      },
    );
  }

  private rotateDaily(): void {
    this.rotate();
    this.later(ROTATE_MS, () => this.rotateDaily());
  }

  private rotate(): void {
    if (this.isOver) return;
    this.rotating ??= this.connect()
      .catch((error: unknown) => this.fail(messageOf(error)))
      .finally(() => (this.rotating = undefined));
  }

  private readLedger(since: number, attempt: number): void {
    const delay = LEDGER_MS[attempt];
    if (delay === undefined) {
      this.notice('gap', 'Money has moved, and the ledger of the venue does not say how yet');
      return;
    }
    this.later(delay, () => {
      this.ports.ledger(since).then(
        (events) => {
          if (this.isOver) return;
          for (const event of events) this.sink(event);
          if (events.length === 0) this.readLedger(since, attempt + 1);
        },
        () => {
          if (!this.isOver) this.readLedger(since, attempt + 1);
        },
      );
    });
  }

  private later(ms: number, work: () => void): void {
    if (this.isOver) return;
    const cancel = this.ports.scheduler.after(ms, () => {
      this.timers.delete(cancel);
      if (!this.isOver) work();
    });
    this.timers.add(cancel);
  }

  private notice(kind: StreamNotice['kind'], message: string): void {
    if (!this.isOver) this.sink({ kind, message, at: this.ports.clock.now() });
  }

  private fail(why: string): void {
    if (this.isOver) return;
    this.notice('closed', why);
    this.close();
  }
}
