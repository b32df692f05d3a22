import { Agent as PlainAgent, request as plainRequest, type ClientRequest, type IncomingMessage } from 'node:http';
import { Agent as SecureAgent, request as secureRequest } from 'node:https';
import { injectable } from 'inversify';
import { messageOf } from '../../domain/errors.js';
import { inject } from '../../injection/inject.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../ports/transport/http-client.js';
import { TransportError } from '../../ports/transport/transport-error.js';
import { addressOf, type Address } from './address.js';
import { headersOf } from './headers.js';

const MOST_BODY_BYTES = 32 * 2 ** 20;
/** A venue closes idle connections after a minute or more; ours go before, so that seldom one ends under a request. */
const IDLE_MS = 30_000;
const KEPT = { keepAlive: true, noDelay: true, timeout: IDLE_MS, maxSockets: 64 } as const;

/** Why a request is given up, told once, to whoever has it on its way. */
class GivenUp {
  reason: Error | undefined;
  private end: ((reason: Error) => void) | undefined;

  because(why: string): void {
    if (this.reason !== undefined) return;
    this.reason = new Error(why);
    this.end?.(this.reason);
  }

  /** One attempt at a time. */
  ends(sent: ClientRequest): void {
    this.end = (reason) => void sent.destroy(reason);
  }
}

/** One attempt, as far as it came. */
interface Attempt {
  /** A byte of the request may have left. */
  mayHaveLeft: boolean;
  answered: boolean;
}

/** Requests over the host's network. Certificates are always checked. */
@injectable()
export class NodeHttpClient implements HttpClient {
  private readonly plain = new PlainAgent(KEPT);
  private readonly secure = new SecureAgent({ ...KEPT, rejectUnauthorized: true, minVersion: 'TLSv1.2' });
  private readonly open = new Set<ClientRequest>();

  constructor(@inject(HostScheduler) private readonly scheduler: Scheduler) {}

  async request(request: HttpRequest): Promise<HttpAnswer> {
    const address = addressOf(request.url, ['http:', 'https:']);
    // An `AbortController` of its own takes longer to set up than all that is written of a request.
    const givenUp = new GivenUp();
    const { timeoutMs } = request;
    const cancel = this.scheduler.after(timeoutMs, () => givenUp.because(`no answer within ${timeoutMs} ms`));
    const abort = (): void => givenUp.because('given up');
    request.signal?.addEventListener('abort', abort, { once: true });
    if (request.signal?.aborted === true) abort();
    try {
      return await this.attempts(request, address, givenUp);
    } finally {
      cancel();
      request.signal?.removeEventListener('abort', abort);
    }
  }

  close(): void {
    for (const each of this.open) each.destroy(new Error('closed'));
    this.plain.destroy();
    this.secure.destroy();
  }

  private async attempts(request: HttpRequest, address: Address, givenUp: GivenUp): Promise<HttpAnswer> {
    for (let again = request.method === 'GET'; ; again = false) {
      const attempt: Attempt = { mayHaveLeft: false, answered: false };
      let isKept = false;
      try {
        return await this.attempt(request, address, givenUp, attempt, (kept) => (isKept = kept));
      } catch (error) {
        if (again && isKept && !attempt.answered && givenUp.reason === undefined) continue;
        const cause: unknown = givenUp.reason ?? error;
        throw new TransportError(
          `${request.method} ${address.host}: ${messageOf(cause)}`,
          attempt.mayHaveLeft ? 'maybe' : 'no',
          { cause },
        );
      }
    }
  }

  private attempt(
    { method, headers, body, maxBodyBytes = MOST_BODY_BYTES }: HttpRequest,
    { isSecure, hostname, port, target, host }: Address,
    givenUp: GivenUp,
    attempt: Attempt,
    kept: (isKept: boolean) => void,
  ): Promise<HttpAnswer> {
    return new Promise((resolve, reject) => {
      if (givenUp.reason !== undefined) {
        reject(givenUp.reason);
        return;
      }
      const sent = (isSecure ? secureRequest : plainRequest)({
        agent: isSecure ? this.secure : this.plain,
        method,
        hostname,
        port,
        path: target,
        headers: {
          host,
          ...headers,
          ...(body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }),
        },
      });
      givenUp.ends(sent);
      this.open.add(sent);
      sent.once('close', () => this.open.delete(sent));
      sent.once('error', reject);
      sent.once('socket', (socket) => {
        kept(sent.reusedSocket);
        const ready = isSecure ? 'secureConnect' : 'connect';
        if (sent.reusedSocket || !socket.connecting) attempt.mayHaveLeft = true;
        else socket.once(ready, () => (attempt.mayHaveLeft = true));
      });
      sent.once('response', (answer) => {
        attempt.answered = true;
        read(answer, maxBodyBytes).then(resolve, (error: unknown) => {
          sent.destroy();
          reject(error instanceof Error ? error : new Error(messageOf(error)));
        });
      });
      sent.end(body);
    });
  }
}

function read(answer: IncomingMessage, most: number): Promise<HttpAnswer> {
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = [];
    let bytes = 0;
    answer.on('data', (part: Buffer) => {
      bytes += part.length;
      if (bytes > most) reject(new Error(`its answer is longer than ${most} bytes`));
      else parts.push(part);
    });
    answer.once('error', reject);
    answer.once('close', () => {
      if (!answer.complete) reject(new Error('its answer ended early'));
    });
    answer.once('end', () => {
      if (!answer.complete) reject(new Error('its answer ended early'));
      else
        resolve({
          status: answer.statusCode ?? 0,
          headers: headersOf(answer.rawHeaders),
          body: Buffer.concat(parts).toString('utf8'),
        });
    });
  });
}
