import { fault } from '../../domain/errors.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../ports/transport/http-client.js';

/**
 * Requests of somebody who only looks: on the way to the network stands what may leave, and nothing else does, whatever
 * a part of the bot would send.
 */
export class ClosedHttp implements HttpClient {
  readonly cannotIncrease = true;
  /** What was to leave and did not. */
  readonly held: string[] = [];

  constructor(
    private readonly inner: HttpClient,
    private readonly mayLeave: (request: HttpRequest) => boolean,
  ) {}

  request(request: HttpRequest): Promise<HttpAnswer> {
    if (this.mayLeave(request)) return this.inner.request(request);
    const what = `${request.method} ${new URL(request.url).pathname}`;
    this.held.push(what);
    return Promise.reject(
      fault('RISK-001', `${what} must not leave a command that only looks, and has not.`, {
        fix: 'Nothing: it was held back.',
      }),
    );
  }

  close(): void {
    this.inner.close();
  }
}
