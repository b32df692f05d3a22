import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { SocketSink } from '../../ports/transport/socket-client.js';
import type { ServedSocket } from '../../ports/transport/socket-server.js';

const GOODBYE_MS = 2_000;
const NORMAL = 1_000;
const LOST = 1_006;
const TOO_LONG = 1_009;

type Frame =
  | { readonly kind: 'message'; readonly text: string; readonly bytes: number }
  | { readonly kind: 'close'; readonly code: number; readonly reason: string }
  | { readonly kind: 'ping' | 'pong' | 'reset' };

/** What lies between the two ends. */
export interface MemoryLine {
  readonly scheduler: Scheduler;
  readonly latencyMs: number;
  /** Nothing that is on its way arrives while it is so, and what is sent meanwhile is lost. */
  isDead(): boolean;
}

/** One end of a socket in memory. Frames arrive in the order in which they were sent, after the latency of the line. */
export class MemorySocket implements ServedSocket {
  peer: MemorySocket | undefined = undefined;
  /** Bytes of messages that this end sent and the other has not been told of. */
  buffered = 0;
  private state: 'open' | 'closing' | 'closed' = 'open';
  private isPaused = false;
  private isDeaf = false;
  private readonly held: Frame[] = [];
  private cancelGoodbye = (): void => undefined;

  constructor(
    private readonly line: MemoryLine,
    private readonly sink: SocketSink,
    private readonly maxMessageBytes: number,
    private readonly ended: () => void = () => undefined,
  ) {}

  send(text: string): void {
    if (this.state !== 'open') return;
    const bytes = Buffer.byteLength(text);
    this.buffered += bytes;
    this.post({ kind: 'message', text, bytes });
  }

  ping(): void {
    if (this.state === 'open') this.post({ kind: 'ping' });
  }

  close(code = NORMAL, reason = ''): void {
    if (this.state !== 'open') return;
    this.state = 'closing';
    this.post({ kind: 'close', code, reason });
    this.resume();
    this.cancelGoodbye = this.line.scheduler.after(GOODBYE_MS, () => this.reset());
  }

  reset(): void {
    if (this.state === 'closed') return;
    this.post({ kind: 'reset' });
    // As of a socket of the host: the end is told, but not within the call.
    this.line.scheduler.after(0, () => this.end(LOST, ''));
  }

  pause(): void {
    if (this.state === 'open') this.isPaused = true;
  }

  resume(): void {
    this.isPaused = false;
    while (!this.isPaused && this.held.length > 0) this.hear(this.held.shift() as Frame);
  }

  deafen(): void {
    this.isDeaf = true;
  }

  private post(frame: Frame): void {
    const { peer, line } = this;
    if (line.isDead()) return;
    line.scheduler.after(line.latencyMs, () => {
      if (!line.isDead()) peer?.arrive(frame);
    });
  }

  private arrive(frame: Frame): void {
    if (frame.kind === 'reset') this.end(LOST, '');
    else if (this.isPaused) this.held.push(frame);
    else this.hear(frame);
  }

  private hear(frame: Frame): void {
    const { peer, sink } = this;
    if (frame.kind === 'message' && peer !== undefined) peer.buffered -= frame.bytes;
    if (this.state === 'closed' || (this.isDeaf && frame.kind !== 'close')) return;
    switch (frame.kind) {
      case 'message':
        if (frame.bytes > this.maxMessageBytes) this.close(TOO_LONG, 'message too long');
        else sink.message(frame.text);
        break;
      case 'ping':
        this.post({ kind: 'pong' });
        sink.ping?.();
        break;
      case 'pong':
        sink.pong?.();
        break;
      case 'close':
        if (this.isDeaf) return;
        if (this.state === 'open') this.post(frame);
        this.end(frame.code, frame.reason);
        break;
      case 'reset':
    }
  }

  private end(code: number, reason: string): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.cancelGoodbye();
    this.ended();
    this.sink.closed(code, reason);
  }
}

/** Two ends of one line. */
export function connected(client: MemorySocket, server: MemorySocket): void {
  client.peer = server;
  server.peer = client;
}
