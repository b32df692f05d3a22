import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { HttpReply, HttpServed } from '../../../ports/transport/http-server.js';
import type { ReplyFault } from '../../../ports/venue/serving/wire-faults.js';

const LATE_MS = 3_000;
const REFUSED_SECONDS = 5;
const BANNED_SECONDS = 120;

export interface Replies {
  readonly reply: HttpReply;
  /** To the same question before. */
  readonly old: HttpReply | undefined;
}

/** An answer, or what becomes of it. */
export function faultyReply(
  { reply, old }: Replies,
  happens: (fault: ReplyFault) => boolean,
  scheduler: Scheduler,
): HttpServed | Promise<HttpServed> {
  if (happens('reset')) return 'reset';
  if (happens('no-answer')) return 'silence';
  if (happens('late-answer')) return scheduler.sleep(LATE_MS).then(() => reply);
  if (happens('truncated')) return { ...reply, cutAt: Math.floor(reply.body.length / 2) };
  if (happens('html'))
    return { status: 200, headers: { 'content-type': 'text/html' }, body: '<html><body>Bad gateway</body></html>' };
  if (happens('server-error'))
    return refusal(503, -1000, 'Unknown error, please check your request or try again later.');
  if (happens('rate-limited')) return refusal(429, -1003, 'Too many requests.', REFUSED_SECONDS);
  if (happens('banned')) return refusal(418, -1003, 'Way too many requests; IP banned.', BANNED_SECONDS);
  return old !== undefined && happens('stale-snapshot') ? old : reply;
}

const refusal = (status: number, code: number, msg: string, retryAfter?: number): HttpReply => ({
  status,
  headers: retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) },
  body: JSON.stringify({ code, msg }),
});
