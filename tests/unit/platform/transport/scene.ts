import { HostTimers } from '#src/platform/time/host-timers.js';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { MemoryNetwork } from '#src/platform/transport/memory-network.js';
import { NodeHttpClient } from '#src/platform/transport/node-http-client.js';
import { NodeHttpServer } from '#src/platform/transport/node-http-server.js';
import { NodeSocketClient } from '#src/platform/transport/node-socket-client.js';
import { NodeSocketServer } from '#src/platform/transport/node-socket-server.js';
import type { HttpClient, HttpRequest } from '#src/ports/transport/http-client.js';
import type { HttpHandler, HttpServer, Listening } from '#src/ports/transport/http-server.js';
import type { SocketClient, SocketSink } from '#src/ports/transport/socket-client.js';
import type { SocketServer } from '#src/ports/transport/socket-server.js';
import { TransportError } from '#src/ports/transport/transport-error.js';
import type { WireEntry } from '#src/ports/transport/wire-log.js';

export interface Transports {
  readonly http: HttpClient;
  readonly sockets: SocketClient;
  readonly server: HttpServer;
  readonly socketServer: SocketServer;
}

export const overHost = (): Transports => {
  const timers = new HostTimers(new NodeHostClock());
  return {
    http: new NodeHttpClient(timers),
    sockets: new NodeSocketClient(timers),
    server: new NodeHttpServer(),
    socketServer: new NodeSocketServer(timers),
  };
};

export const inMemory = (): Transports => {
  const network = new MemoryNetwork(new HostTimers(new NodeHostClock()), 1);
  return { http: network, sockets: network, server: network, socketServer: network };
};

/** A server that is asked, and what it wrote down. */
export class Scene {
  readonly log: WireEntry[] = [];
  private listening: Listening | undefined;

  constructor(readonly over: Transports) {}

  async serve(handler: HttpHandler, maxBodyBytes = 1_000): Promise<Listening> {
    this.listening = await this.over.server.listen(
      { host: '127.0.0.1', port: 0, maxBodyBytes, log: (entry) => this.log.push(entry) },
      handler,
    );
    return this.listening;
  }

  async end(): Promise<void> {
    this.over.http.close();
    await this.listening?.close();
  }

  ask(target: string, more: Partial<HttpRequest> = {}): ReturnType<HttpClient['request']> {
    const { host, port } = this.listening as Listening;
    return this.over.http.request({ method: 'GET', url: `http://${host}:${port}${target}`, timeoutMs: 5_000, ...more });
  }

  get socketUrl(): string {
    const { host, port } = this.listening as Listening;
    return `ws://${host}:${port}`;
  }
}

/** What became of a request that must fail. */
export async function failure(asked: Promise<unknown>): Promise<readonly [reached: string, message: string]> {
  const error: unknown = await asked.then(
    () => new Error('it was answered'),
    (cause: unknown) => cause,
  );
  return error instanceof TransportError ? [error.reached, error.message] : ['other', String(error)];
}

/** Remembers what a socket tells, in words. */
export class Heard implements SocketSink {
  readonly words: string[] = [];
  private waiting: (() => void)[] = [];

  message(text: string): void {
    this.hear(text);
  }

  ping(): void {
    this.hear('(ping)');
  }

  pong(): void {
    this.hear('(pong)');
  }

  closed(code: number, reason: string): void {
    this.hear(`(closed ${code}${reason === '' ? '' : ` ${reason}`})`);
  }

  /** Resolves once so many words were heard. */
  async until(count: number): Promise<readonly string[]> {
    while (this.words.length < count) await new Promise<void>((resolve) => this.waiting.push(resolve));
    return this.words;
  }

  private hear(word: string): void {
    this.words.push(word);
    for (const go of this.waiting.splice(0)) go();
  }
}
