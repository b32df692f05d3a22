import type { Clock } from '../ports/configuration/clock.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { Socket, SocketSink } from '../ports/transport/socket-client.js';

const LOOK_MS = 2_000;
/** So long nothing was heard: somebody is asked whether he is there. */
const QUIET_MS = 10_000;
/** So long nothing was heard, an answer to that neither: nobody is. With the look it is found within 20 s. */
const DEAD_MS = 18_000;

export interface WatchedSink {
  message(text: string): void;
  /** It has ended, and why. Nothing is told afterwards. */
  ended(why: string): void;
}

export interface WatchPorts {
  readonly clock: Pick<Clock, 'now'>;
  readonly scheduler: Pick<Scheduler, 'after'>;
}

/**
 * A socket that is believed only as long as it is heard of: the other side may be gone without a word, and a stream of
 * a quiet market looks just like that. What is quiet is pinged, what stays so is ended.
 */
export class SocketWatch {
  private socket: Socket | undefined;
  private cancel: (() => void) | undefined;
  private heardAt: number;
  private isOver = false;

  constructor(
    private readonly ports: WatchPorts,
    private readonly sink: WatchedSink,
  ) {
    this.heardAt = ports.clock.now();
  }

  /** What the socket is opened with. */
  readonly heard: SocketSink = {
    message: (text) => {
      this.note();
      if (!this.isOver) this.sink.message(text);
    },
    ping: () => this.note(),
    pong: () => this.note(),
    closed: (code, reason) => this.end(`closed with ${code}${reason === '' ? '' : ` ${reason}`}`),
  };

  /** It is open; one that nobody wants any more is closed at once. */
  follow(socket: Socket): void {
    this.socket = socket;
    if (this.isOver) socket.close();
    else this.plan();
  }

  /** Nobody wants it any more; `ended` is not told. */
  close(): void {
    this.rest();
    this.socket?.close();
  }

  /** Ends at once, and says why. */
  drop(why: string): void {
    if (this.isOver) return;
    this.end(why);
    this.socket?.reset();
  }

  private note(): void {
    this.heardAt = this.ports.clock.now();
  }

  private plan(): void {
    this.cancel = this.ports.scheduler.after(LOOK_MS, () => this.look());
  }

  private look(): void {
    const quiet = this.ports.clock.now() - this.heardAt;
    if (quiet >= DEAD_MS) {
      this.drop(`nothing was heard for ${quiet} ms`);
      return;
    }
    if (quiet >= QUIET_MS) this.socket?.ping();
    this.plan();
  }

  private end(why: string): void {
    if (this.isOver) return;
    this.rest();
    this.sink.ended(why);
  }

  private rest(): void {
    this.isOver = true;
    this.cancel?.();
    this.cancel = undefined;
  }
}
