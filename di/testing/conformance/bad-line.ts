import type { MemoryNetwork } from '../../../src/platform/transport/memory-network.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../../src/ports/transport/http-client.js';
import type { Socket, SocketClient, SocketOptions, SocketSink } from '../../../src/ports/transport/socket-client.js';
import { TransportError } from '../../../src/ports/transport/transport-error.js';

/** What becomes of one message on its way to the adapter. */
export type LineWay = (text: string) => readonly string[];

/** The way between an adapter and a simulator, on which anything may happen. */
export class BadLine implements HttpClient, SocketClient {
  way: LineWay = (text) => [text];
  /** Sockets stand, and neither messages nor pings come through. */
  isHalfOpen = false;
  /** Whoever the adapter speaks to shows a certificate that is not to be believed, and why. */
  untrusted: string | undefined = undefined;
  /** Whoever is called is not there. */
  isDown = false;
  /** What is lost of a request that changes something: itself, or its answer. */
  loses: 'request' | 'answer' | undefined = undefined;
  /** Requests and openings that were tried, answered or not. */
  tried = 0;
  private readonly sockets = new Set<Socket>();

  constructor(private readonly network: MemoryNetwork) {}

  request(request: HttpRequest): Promise<HttpAnswer> {
    return this.refusal(request.url) ?? this.pass(request);
  }

  private async pass(request: HttpRequest): Promise<HttpAnswer> {
    const { host } = new URL(request.url);
    const isLost = request.method === 'GET' ? undefined : this.loses;
    if (isLost === 'request') throw new TransportError(`${host}: the connection ended`, 'maybe');
    const answer = await this.network.request(request);
    if (isLost === 'answer') throw new TransportError(`${host}: the connection ended`, 'maybe');
    return answer;
  }

  async open(url: string, options: SocketOptions, sink: SocketSink): Promise<Socket> {
    const refusal = this.refusal(url);
    if (refusal !== undefined) return refusal;
    const through = (tell: () => void): void => {
      if (!this.isHalfOpen) tell();
    };
    const socket = await this.network.open(url, options, {
      message: (text) =>
        through(() => {
          for (const each of this.way(text)) sink.message(each);
        }),
      ping: () => through(() => sink.ping?.()),
      pong: () => through(() => sink.pong?.()),
      closed: (code, reason) => {
        this.sockets.delete(socket);
        sink.closed(code, reason);
      },
    });
    this.sockets.add(socket);
    return socket;
  }

  close(): void {
    this.network.close();
  }

  /** Every socket ends without a word, and nobody is there until it is up again. */
  cut(): void {
    this.isDown = true;
    for (const socket of [...this.sockets]) socket.reset();
  }

  private refusal(url: string): Promise<never> | undefined {
    this.tried += 1;
    const { host } = new URL(url);
    if (this.untrusted !== undefined) return Promise.reject(new TransportError(`${host}: ${this.untrusted}`, 'no'));
    return this.isDown ? Promise.reject(new TransportError(`${host}: connection refused`, 'no')) : undefined;
  }
}
