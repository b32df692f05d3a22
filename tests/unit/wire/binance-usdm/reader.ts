import type { Socket, SocketSink } from '#src/ports/transport/socket-client.js';
import type { Scene } from './scene.js';

/** A client's socket, and what it was told since somebody asked last. */
export class Reader implements SocketSink {
  socket: Socket = undefined as unknown as Socket;
  /** Code and reason. */
  end: string | undefined = undefined;
  pings = 0;
  private messages: unknown[] = [];

  private constructor(private readonly scene: Scene) {}

  static async open(scene: Scene, target: string): Promise<Reader> {
    const reader = new Reader(scene);
    const opened = scene.network.open(`ws://${scene.host}${target}`, { timeoutMs: 1_000 }, reader);
    opened.catch(() => undefined);
    await scene.scheduler.advance(0);
    reader.socket = await opened;
    return reader;
  }

  message(text: string): void {
    this.messages.push(JSON.parse(text));
  }

  ping(): void {
    this.pings += 1;
  }

  closed(code: number, reason: string): void {
    this.end = `${code} ${reason}`.trim();
  }

  /** Whatever has arrived by now. */
  async heard(): Promise<unknown[]> {
    await this.scene.scheduler.advance(0);
    const { messages } = this;
    this.messages = [];
    return messages;
  }

  ask(message: object | string): Promise<unknown[]> {
    this.socket.send(typeof message === 'string' ? message : JSON.stringify(message));
    return this.heard();
  }
}
