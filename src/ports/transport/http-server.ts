import { token } from '../../injection/token.js';
import type { WireLog } from './wire-log.js';

export interface ListenOptions {
  readonly host: string;
  /** 0: one that is free. */
  readonly port: number;
  /** A longer request is refused with 413; default 1 MiB. */
  readonly maxBodyBytes?: number;
  readonly log?: WireLog;
}

export interface ServedRequest {
  readonly method: string;
  /** Path and query, letter by letter as they came. */
  readonly target: string;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
  /** Address that it came from. */
  readonly from: string;
}

export interface HttpReply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
  /** Only so many bytes of the body leave, then the connection ends: its length was announced in full. */
  readonly cutAt?: number;
}

/** `reset` ends the connection unanswered; `silence` keeps it and never answers. */
export type HttpServed = HttpReply | 'reset' | 'silence';

export type HttpHandler = (request: ServedRequest) => HttpServed | Promise<HttpServed>;

export interface Listening {
  readonly host: string;
  readonly port: number;
  /** Ends every connection and stops listening. */
  close(): Promise<void>;
}

/** A handler that throws is answered with 500. `listen` rejects with a `TransportError` where nobody can. */
export interface HttpServer {
  listen(options: ListenOptions, handler: HttpHandler): Promise<Listening>;
}
export const HttpServer = token<HttpServer>('HttpServer');
