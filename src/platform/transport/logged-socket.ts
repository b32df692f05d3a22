import type { SocketSink } from '../../ports/transport/socket-client.js';
import type { ServedSocket } from '../../ports/transport/socket-server.js';
import type { WireLog } from '../../ports/transport/wire-log.js';

/** A socket whose messages are written down as they leave. */
export class LoggedSocket implements ServedSocket {
  constructor(
    private readonly socket: ServedSocket,
    private readonly log: WireLog,
  ) {}

  get buffered(): number {
    return this.socket.buffered;
  }

  send(text: string): void {
    this.log({ kind: 'message', way: 'out', text });
    this.socket.send(text);
  }

  ping(): void {
    this.socket.ping();
  }

  close(code?: number, reason?: string): void {
    this.socket.close(code, reason);
  }

  reset(): void {
    this.socket.reset();
  }

  pause(): void {
    this.socket.pause();
  }

  resume(): void {
    this.socket.resume();
  }

  deafen(): void {
    this.socket.deafen();
  }
}

/** The same of what comes in. */
export const loggedSink = (sink: SocketSink, log: WireLog): SocketSink => ({
  message: (text) => {
    log({ kind: 'message', way: 'in', text });
    sink.message(text);
  },
  ping: () => sink.ping?.(),
  pong: () => sink.pong?.(),
  closed: (code, reason) => {
    log({ kind: 'close', way: 'in', text: reason === '' ? String(code) : `${code} ${reason}` });
    sink.closed(code, reason);
  },
});
