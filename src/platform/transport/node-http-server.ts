import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { Socket as NetSocket } from 'node:net';
import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import type {
  HttpHandler,
  HttpServed,
  HttpServer,
  Listening,
  ListenOptions,
  ServedRequest,
} from '../../ports/transport/http-server.js';
import { TransportError } from '../../ports/transport/transport-error.js';
import type { WireLog } from '../../ports/transport/wire-log.js';
import { headersOf, inTurns } from './headers.js';

const MOST_BODY_BYTES = 2 ** 20;

/** A server of the host that listens, with the connections that it has. */
export class NodeListening implements Listening {
  private readonly connections = new Set<NetSocket>();

  constructor(
    readonly server: Server,
    readonly host: string,
    readonly log: WireLog | undefined,
  ) {
    server.on('connection', (socket) => {
      this.connections.add(socket);
      socket.once('close', () => this.connections.delete(socket));
    });
  }

  get port(): number {
    const address = this.server.address();
    return typeof address === 'object' && address !== null ? address.port : 0;
  }

  close(): Promise<void> {
    return new Promise((resolve) => {
      this.server.close(() => resolve());
      for (const socket of this.connections) socket.destroy();
    });
  }
}

/** Requests of the host's network, answered by a handler. */
@injectable()
export class NodeHttpServer implements HttpServer {
  listen(
    { host, port, maxBodyBytes = MOST_BODY_BYTES, log }: ListenOptions,
    handler: HttpHandler,
  ): Promise<NodeListening> {
    const server = createServer({ keepAliveTimeout: 60_000 }, (request, response) => {
      serve(request, response, handler, maxBodyBytes, log).catch(() => request.destroy());
    });
    const listening = new NodeListening(server, host, log);
    return new Promise((resolve, reject) => {
      server.once('error', (cause) => {
        reject(new TransportError(`Nothing can listen at ${host}:${port}: ${messageOf(cause)}`, 'no', { cause }));
      });
      server.listen(port, host, () => resolve(listening));
    });
  }
}

async function serve(
  request: IncomingMessage,
  response: ServerResponse,
  handler: HttpHandler,
  most: number,
  log: WireLog | undefined,
): Promise<void> {
  const body = await bodyOf(request, most);
  if (body === undefined) {
    answer(response, { status: 413, body: '' }, log);
    request.destroy();
    return;
  }
  const served = servedOf(request, body);
  log?.({
    kind: 'request',
    way: 'in',
    text: `${served.method} ${served.target}\n${body}`,
    headers: request.rawHeaders,
  });
  answer(response, await handled(served, handler), log);
}

async function handled(request: ServedRequest, handler: HttpHandler): Promise<HttpServed> {
  try {
    return await handler(request);
  } catch (error) {
    return { status: 500, body: messageOf(error) };
  }
}

function answer(response: ServerResponse, reply: HttpServed, log: WireLog | undefined): void {
  if (reply === 'silence') return;
  if (reply === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  const { status, headers = {}, body, cutAt } = reply;
  const bytes = Buffer.from(body);
  log?.({ kind: 'reply', way: 'out', text: `${status} ${body}`, headers: inTurns(headers) });
  response.writeHead(status, { 'content-type': 'application/json', ...headers, 'content-length': bytes.length });
  if (cutAt === undefined || cutAt >= bytes.length) response.end(bytes);
  else response.write(bytes.subarray(0, cutAt), () => response.socket?.destroy());
}

/** As it came; undefined for one that is longer than is read. */
async function bodyOf(request: IncomingMessage, most: number): Promise<string | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of request as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > most) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts).toString('utf8');
}

export function servedOf(request: IncomingMessage, body: string): ServedRequest {
  return {
    method: request.method ?? '',
    target: request.url ?? '',
    headers: headersOf(request.rawHeaders),
    body,
    from: request.socket.remoteAddress ?? '',
  };
}
