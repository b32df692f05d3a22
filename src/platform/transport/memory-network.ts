import { messageOf } from '../../domain/errors.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../ports/transport/http-client.js';
import type {
  HttpHandler,
  HttpReply,
  HttpServed,
  HttpServer,
  Listening,
  ListenOptions,
  ServedRequest,
} from '../../ports/transport/http-server.js';
import type { Socket, SocketClient, SocketOptions, SocketSink } from '../../ports/transport/socket-client.js';
import type { SocketAccept, SocketServer } from '../../ports/transport/socket-server.js';
import { TransportError } from '../../ports/transport/transport-error.js';
import { addressOf } from './address.js';
import { headersOf, inTurns } from './headers.js';
import { LoggedSocket, loggedSink } from './logged-socket.js';
import { connected, MemorySocket, type MemoryLine } from './memory-socket.js';
import { SinkLater } from './sink-later.js';

const FIRST_FREE_PORT = 50_000;
const MOST_BODY_BYTES = 2 ** 20;
const MOST_ANSWER_BYTES = 32 * 2 ** 20;
const MOST_MESSAGE_BYTES = 16 * 2 ** 20;
const FROM = '127.0.0.1';

interface Waiting {
  readonly fail: (cause: Error) => void;
}

class MemoryListening implements Listening {
  readonly waiting = new Set<Waiting>();
  readonly sockets = new Set<MemorySocket>();
  accept: SocketAccept | undefined = undefined;

  constructor(
    readonly options: ListenOptions,
    readonly port: number,
    readonly handler: HttpHandler,
    private readonly forget: () => void,
  ) {}

  get host(): string {
    return this.options.host;
  }

  close(): Promise<void> {
    this.forget();
    for (const { fail } of [...this.waiting]) fail(new Error('its answer ended early'));
    for (const socket of [...this.sockets]) socket.reset();
    return Promise.resolve();
  }
}

/**
 * A network in memory, on the time of a scheduler: the four transports as the host has them, without bytes leaving the
 * process. `latencyMs` is taken on every way. `outage`: what a network does that does not work; `refused` tells whoever
 * connects, `silent` tells nobody, and of the sockets that stand nothing is heard in either.
 */
export class MemoryNetwork implements HttpClient, SocketClient, HttpServer, SocketServer {
  outage: 'refused' | 'silent' | undefined = undefined;
  private readonly servers = new Map<string, MemoryListening>();
  private readonly asked = new Set<Waiting>();
  private nextPort = FIRST_FREE_PORT;

  constructor(
    private readonly scheduler: Scheduler,
    private readonly latencyMs = 0,
  ) {}

  listen(options: ListenOptions, handler: HttpHandler): Promise<Listening> {
    const port = options.port === 0 ? this.nextPort++ : options.port;
    const name = `${options.host}:${port}`;
    if (this.servers.has(name))
      return Promise.reject(new TransportError(`Nothing can listen at ${name}: it is taken`, 'no'));
    const listening = new MemoryListening(options, port, handler, () => this.servers.delete(name));
    this.servers.set(name, listening);
    return Promise.resolve(listening);
  }

  attach(listening: Listening, accept: SocketAccept): void {
    if (!(listening instanceof MemoryListening)) throw new TypeError('sockets are served beside requests in memory');
    listening.accept = accept;
  }

  request(request: HttpRequest): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      const { method, url, headers = {}, body = '', timeoutMs, maxBodyBytes = MOST_ANSWER_BYTES, signal } = request;
      const { host, hostname, port, target } = addressOf(url, ['http:', 'https:']);
      let server: MemoryListening | undefined;
      const settle = (): void => {
        cancel();
        signal?.removeEventListener('abort', abort);
        this.asked.delete(waiting);
        server?.waiting.delete(waiting);
      };
      const fail = (cause: Error, reached: 'no' | 'maybe' = 'maybe'): void => {
        settle();
        reject(new TransportError(`${method} ${host}: ${cause.message}`, reached, { cause }));
      };
      const waiting: Waiting = { fail };
      const abort = (): void => fail(new Error('given up'));
      const cancel = this.scheduler.after(timeoutMs, () => fail(new Error(`no answer within ${timeoutMs} ms`)));
      if (signal?.aborted === true) {
        fail(new Error('given up'), 'no');
        return;
      }
      signal?.addEventListener('abort', abort, { once: true });
      this.asked.add(waiting);
      const came = (reply: HttpServed): void => {
        if (reply === 'silence') return;
        if (reply === 'reset') fail(new Error('its connection ended'));
        else if (isCut(reply)) fail(new Error('its answer ended early'));
        else if (Buffer.byteLength(reply.body) > maxBodyBytes)
          fail(new Error(`its answer is longer than ${maxBodyBytes} bytes`));
        else {
          settle();
          resolve({ status: reply.status, headers: headersOf(inTurns(reply.headers ?? {})), body: reply.body });
        }
      };
      this.way(() => {
        server = this.servers.get(`${hostname}:${port}`);
        if (this.outage === 'silent') return;
        if (server === undefined || this.outage === 'refused') {
          if (this.asked.has(waiting)) fail(new Error('connection refused'), 'no');
          return;
        }
        server.waiting.add(waiting);
        const named = { host, ...headers };
        const served: ServedRequest = { method, target, headers: headersOf(inTurns(named)), body, from: FROM };
        void answered(served, server, inTurns(named)).then((reply) => {
          this.way(() => {
            if (this.asked.has(waiting) && this.outage === undefined) came(reply);
          });
        });
      });
    });
  }

  /** As `HttpClient`: what waits for an answer is rejected. */
  close(): void {
    for (const { fail } of [...this.asked]) fail(new Error('closed'));
  }

  open(url: string, options: SocketOptions, sink: SocketSink): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const { host, hostname, port, target } = addressOf(url, ['ws:', 'wss:']);
      const { headers = {}, timeoutMs, maxMessageBytes = MOST_MESSAGE_BYTES, signal } = options;
      let isOver = false;
      const settle = (): void => {
        isOver = true;
        cancel();
        signal?.removeEventListener('abort', abort);
      };
      const fail = (why: string): void => {
        if (isOver) return;
        settle();
        reject(new TransportError(`Socket to ${host}: ${why}`, 'maybe'));
      };
      const abort = (): void => fail('given up');
      const cancel = this.scheduler.after(timeoutMs, () => fail(`not open within ${timeoutMs} ms`));
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted === true) abort();
      this.way(() => {
        const server = this.servers.get(`${hostname}:${port}`);
        if (isOver || this.outage === 'silent') return;
        if (server === undefined || this.outage === 'refused') {
          fail('connection refused');
          return;
        }
        const named = inTurns({ host, ...headers });
        const request = { method: 'GET', target, headers: headersOf(named), body: '', from: FROM };
        const answer = server.accept?.(request) ?? 426;
        if (typeof answer === 'number') {
          this.way(() => fail(`Unexpected server response: ${answer}`));
          return;
        }
        const { log } = server.options;
        log?.({ kind: 'open', way: 'in', text: target, headers: named });
        const line: MemoryLine = {
          scheduler: this.scheduler,
          latencyMs: this.latencyMs,
          isDead: () => this.outage !== undefined,
        };
        const later = new SinkLater();
        const heard = log === undefined ? later : loggedSink(later, log);
        const gone = (): boolean => server.sockets.delete(served);
        const served = new MemorySocket(line, heard, MOST_BODY_BYTES, gone);
        const client = new MemorySocket(line, sink, maxMessageBytes);
        connected(client, served);
        server.sockets.add(served);
        // Open on the client's side before anything the server says in the same breath can arrive there.
        this.way(() => {
          if (isOver) client.reset();
          else {
            settle();
            resolve(client);
          }
        });
        later.become(answer(log === undefined ? served : new LoggedSocket(served, log)));
      });
    });
  }

  private way(arrive: () => void): void {
    this.scheduler.after(this.latencyMs, arrive);
  }
}

const isCut = ({ body, cutAt }: HttpReply): boolean => cutAt !== undefined && cutAt < Buffer.byteLength(body);

async function answered(
  request: ServedRequest,
  { options: { log, maxBodyBytes = MOST_BODY_BYTES }, handler }: MemoryListening,
  headers: readonly string[],
): Promise<HttpServed> {
  if (Buffer.byteLength(request.body) > maxBodyBytes) return { status: 413, body: '' };
  log?.({ kind: 'request', way: 'in', text: `${request.method} ${request.target}\n${request.body}`, headers });
  let reply: HttpServed;
  try {
    reply = await handler(request);
  } catch (error) {
    reply = { status: 500, body: messageOf(error) };
  }
  if (typeof reply === 'object')
    log?.({ kind: 'reply', way: 'out', text: `${reply.status} ${reply.body}`, headers: inTurns(reply.headers ?? {}) });
  return reply;
}
