import type { SocketSink } from '../../ports/transport/socket-client.js';

/** Stands in for a sink that is made from the socket it listens to. */
export class SinkLater implements SocketSink {
  private sink: SocketSink | undefined = undefined;

  become(sink: SocketSink): void {
    this.sink = sink;
  }

  message(text: string): void {
    this.sink?.message(text);
  }

  ping(): void {
    this.sink?.ping?.();
  }

  pong(): void {
    this.sink?.pong?.();
  }

  closed(code: number, reason: string): void {
    this.sink?.closed(code, reason);
  }
}
