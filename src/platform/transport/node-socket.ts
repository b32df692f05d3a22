import type { RawData, WebSocket } from 'ws';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { SocketSink } from '../../ports/transport/socket-client.js';
import type { ServedSocket } from '../../ports/transport/socket-server.js';

/** Some venues let a socket that said goodbye wait for long. */
const GOODBYE_MS = 2_000;
const NORMAL = 1_000;

/** An open socket of either side, and its events told to a sink. */
export class NodeSocket implements ServedSocket {
  private isDeaf = false;
  private cancelGoodbye = (): void => undefined;

  constructor(
    private readonly socket: WebSocket,
    sink: SocketSink,
    private readonly scheduler: Scheduler,
    answersPings = false,
  ) {
    // An error is followed by the close that it leads to, and that is told.
    socket.on('error', () => undefined);
    socket.on('message', (data) => {
      if (!this.isDeaf) sink.message(textOf(data));
    });
    socket.on('ping', (data: Buffer) => {
      if (this.isDeaf) return;
      if (answersPings) socket.pong(data);
      sink.ping?.();
    });
    socket.on('pong', () => {
      if (!this.isDeaf) sink.pong?.();
    });
    socket.once('close', (code: number, reason: Buffer) => {
      this.cancelGoodbye();
      sink.closed(code, reason.toString());
    });
  }

  get buffered(): number {
    return this.socket.bufferedAmount;
  }

  send(text: string): void {
    if (this.isOpen) this.socket.send(text);
  }

  ping(): void {
    if (this.isOpen) this.socket.ping();
  }

  close(code = NORMAL, reason = ''): void {
    if (!this.isOpen) return;
    this.cancelGoodbye = this.scheduler.after(GOODBYE_MS, () => this.socket.terminate());
    this.socket.resume();
    this.socket.close(code, reason);
  }

  reset(): void {
    this.socket.terminate();
  }

  pause(): void {
    if (this.isOpen) this.socket.pause();
  }

  resume(): void {
    if (this.isOpen) this.socket.resume();
  }

  deafen(): void {
    this.isDeaf = true;
  }

  private get isOpen(): boolean {
    return this.socket.readyState === this.socket.OPEN;
  }
}

function textOf(data: RawData): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString('utf8');
  return data instanceof ArrayBuffer ? Buffer.from(data).toString('utf8') : data.toString('utf8');
}
