import { MINUTE_MS } from '../../domain/time-spans.js';
import { WireRefusal } from './refusal.js';

/** Of one address in a minute. Source: `rateLimits` of the venue's exchangeInfo. */
export const WEIGHT_LIMIT = 2_400;
/** Refusals of one minute after which an address is shut out, and for how long. */
const MOST_REFUSALS = 20;
const BAN_MS = 2 * MINUTE_MS;

class Used {
  private minute = Number.NaN;
  private refusals = 0;
  bannedUntil = Number.NEGATIVE_INFINITY;
  weight = 0;

  pass(now: number): void {
    const minute = Math.floor(now / MINUTE_MS);
    if (this.minute === minute) return;
    this.minute = minute;
    this.weight = this.refusals = 0;
  }

  /** Milliseconds until the minute is over. */
  left(now: number): number {
    return (this.minute + 1) * MINUTE_MS - now;
  }

  refuse(now: number): WireRefusal {
    this.refusals += 1;
    if (this.refusals <= MOST_REFUSALS)
      return refused(429, this.left(now), `Too many requests; current limit is ${WEIGHT_LIMIT} requests per minute.`);
    this.bannedUntil = now + BAN_MS;
    return this.banned(now);
  }

  banned(now: number): WireRefusal {
    return refused(418, this.bannedUntil - now, `Way too many requests; IP banned until ${this.bannedUntil}.`);
  }
}

/**
 * Weight of requests by address and minute. What is beyond is refused with 429, and whoever goes on all the same is
 * shut out with 418.
 */
export class RequestWeights {
  private readonly byAddress = new Map<string, Used>();

  /** Takes a request's weight. Throws 429 beyond the limit, and 418 to whoever is shut out. */
  take(address: string, weight: number, now: number): void {
    const used = this.of(address, now);
    if (now < used.bannedUntil) throw used.banned(now);
    used.weight += weight;
    if (used.weight > WEIGHT_LIMIT) throw used.refuse(now);
  }

  /** What the minute has used so far. */
  usedBy(address: string, now: number): number {
    return this.of(address, now).weight;
  }

  private of(address: string, now: number): Used {
    let used = this.byAddress.get(address);
    if (used === undefined) this.byAddress.set(address, (used = new Used()));
    used.pass(now);
    return used;
  }
}

const refused = (status: 418 | 429, waitMs: number, message: string): WireRefusal =>
  new WireRefusal(-1003, message, status, { 'Retry-After': String(Math.ceil(waitMs / 1_000)) });
