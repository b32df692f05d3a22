import type { Duplex } from 'node:stream';
import { injectable } from 'inversify';
import { WebSocketServer } from 'ws';
import { inject } from '../../injection/inject.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import type { Listening } from '../../ports/transport/http-server.js';
import type { SocketAccept, SocketServer } from '../../ports/transport/socket-server.js';
import { NodeListening, servedOf } from './node-http-server.js';
import { LoggedSocket, loggedSink } from './logged-socket.js';
import { NodeSocket } from './node-socket.js';
import { SinkLater } from './sink-later.js';

const MOST_MESSAGE_BYTES = 2 ** 20;

/** Sockets on the port of a server of the host. */
@injectable()
export class NodeSocketServer implements SocketServer {
  constructor(@inject(HostScheduler) private readonly scheduler: Scheduler) {}

  attach(listening: Listening, accept: SocketAccept): void {
    if (!(listening instanceof NodeListening)) throw new TypeError('sockets are served beside requests of the host');
    const { server, log } = listening;
    const sockets = new WebSocketServer({
      noServer: true,
      perMessageDeflate: false,
      maxPayload: MOST_MESSAGE_BYTES,
      autoPong: false,
    });
    server.on('upgrade', (request, connection: Duplex, head) => {
      connection.on('error', () => connection.destroy());
      const served = servedOf(request, '');
      const answer = accept(served);
      if (typeof answer === 'number') {
        connection.end(`HTTP/1.1 ${answer} Refused\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
        return;
      }
      sockets.handleUpgrade(request, connection, head, (client) => {
        log?.({ kind: 'open', way: 'in', text: served.target, headers: request.rawHeaders });
        const later = new SinkLater();
        const socket = new NodeSocket(client, log === undefined ? later : loggedSink(later, log), this.scheduler, true);
        later.become(answer(log === undefined ? socket : new LoggedSocket(socket, log)));
      });
    });
  }
}
