import { token } from '../../injection/token.js';

export interface SocketOptions {
  readonly headers?: Readonly<Record<string, string>>;
  /** From the call until the socket is open. */
  readonly timeoutMs: number;
  /** A longer message ends the socket with code 1009; default 16 MiB. */
  readonly maxMessageBytes?: number;
  readonly signal?: AbortSignal;
}

/** What a socket tells. Nothing is told after `closed`, and `closed` once. */
export interface SocketSink {
  message(text: string): void;
  /** The other side looked whether somebody is there; it has been answered. */
  ping?(): void;
  pong?(): void;
  /** 1006: it ended without a word. */
  closed(code: number, reason: string): void;
}

/** An open socket. After it has closed, calls do nothing. */
export interface Socket {
  send(text: string): void;
  ping(): void;
  /** Says goodbye, waits two seconds for the answer, then ends. */
  close(code?: number, reason?: string): void;
  /** Ends at once, without a word. */
  reset(): void;
  /** Reads nothing until `resume`: what the other side sends piles up there. */
  pause(): void;
  resume(): void;
  /** Bytes that were sent and have not left. */
  readonly buffered: number;
}

/** Text messages over a socket without compression. Rejects with a `TransportError` where none opens. */
export interface SocketClient {
  open(url: string, options: SocketOptions, sink: SocketSink): Promise<Socket>;
}
export const SocketClient = token<SocketClient>('SocketClient');
