import { token } from '../../injection/token.js';
import type { Listening, ServedRequest } from './http-server.js';
import type { Socket, SocketSink } from './socket-client.js';

/** One client's socket, as the server has it. */
export interface ServedSocket extends Socket {
  /** From now on nothing that comes is heard or answered, pings neither: the connection stands, and nobody is there. */
  deafen(): void;
}

/** Takes a client in, or turns it away with a status of HTTP. */
export type SocketAccept = (request: ServedRequest) => number | ((socket: ServedSocket) => SocketSink);

/** Serves sockets on a port on which requests are served already. */
export interface SocketServer {
  attach(listening: Listening, accept: SocketAccept): void;
}
export const SocketServer = token<SocketServer>('SocketServer');
