import { token } from '../../injection/token.js';

export interface HttpRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Visible ASCII, percent-encoded by the caller, and sent letter by letter: what was signed is what arrives. */
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  /** From the call to the last byte of the answer. */
  readonly timeoutMs: number;
  /** An answer of more is not read to its end; default 32 MiB. */
  readonly maxBodyBytes?: number;
  readonly signal?: AbortSignal;
}

export interface HttpAnswer {
  readonly status: number;
  /** By name in small letters. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/**
 * Requests over connections that are kept. Any status is an answer; redirects are not followed. Rejects with a
 * `TransportError` where there is none. Nothing is sent twice but a GET of which a kept connection ended unanswered.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
  /** Nothing that could increase a position leaves by it. Absent: anything may. */
  readonly cannotIncrease?: true;
  /** Ends all connections; what waits for an answer is rejected. */
  close(): void;
}
export const HttpClient = token<HttpClient>('HttpClient');
