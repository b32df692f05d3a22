import { injectable } from 'inversify';
import { WebSocket } from 'ws';
import { messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import type { Socket, SocketClient, SocketOptions, SocketSink } from '../../ports/transport/socket-client.js';
import { TransportError } from '../../ports/transport/transport-error.js';
import { addressOf } from './address.js';
import { NodeSocket } from './node-socket.js';

const MOST_MESSAGE_BYTES = 16 * 2 ** 20;

/** Sockets over the host's network. Certificates are always checked. */
@injectable()
export class NodeSocketClient implements SocketClient {
  constructor(@inject(HostScheduler) private readonly scheduler: Scheduler) {}

  open(
    url: string,
    { headers, timeoutMs, maxMessageBytes = MOST_MESSAGE_BYTES, signal }: SocketOptions,
    sink: SocketSink,
  ): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const { host } = addressOf(url, ['ws:', 'wss:']);
      const socket = new WebSocket(url, {
        perMessageDeflate: false,
        followRedirects: false,
        rejectUnauthorized: true,
        maxPayload: maxMessageBytes,
        ...(headers && { headers }),
      });
      let why: unknown;
      const give = (cause: unknown): void => {
        why ??= cause;
        socket.terminate();
      };
      const cancel = this.scheduler.after(timeoutMs, () => give(new Error(`not open within ${timeoutMs} ms`)));
      const abort = (): void => give(new Error('given up'));
      const settle = (): void => {
        cancel();
        signal?.removeEventListener('abort', abort);
        socket.off('error', give);
        socket.off('close', failed);
      };
      const failed = (): void => {
        settle();
        // Whatever else it may still have to say of its end.
        socket.on('error', () => undefined);
        reject(new TransportError(`Socket to ${host}: ${messageOf(why ?? 'closed')}`, 'maybe', { cause: why }));
      };
      socket.on('error', give);
      socket.once('close', failed);
      socket.once('open', () => {
        settle();
        resolve(new NodeSocket(socket, sink, this.scheduler));
      });
      signal?.addEventListener('abort', abort, { once: true });
      if (signal?.aborted === true) abort();
    });
  }
}
