import { MINUTE_MS } from '../../../domain/time-spans.js';
import { WireRefusal } from '../refusal.js';

const TEN_SECONDS_MS = 10_000;
/** Source: `rateLimits` of exchangeInfo, ORDERS. */
const LIMITS = [
  { ms: TEN_SECONDS_MS, most: 300, header: 'X-MBX-ORDER-COUNT-10S' },
  { ms: MINUTE_MS, most: 1_200, header: 'X-MBX-ORDER-COUNT-1M' },
] as const;

/** Orders of one account in the venue's spans of time. */
export class OrderCounts {
  private readonly spans = LIMITS.map(() => ({ span: Number.NaN, used: 0 }));

  /** Throws the refusal of what is too many; what is refused so is not counted. */
  take(count: number, now: number): void {
    this.turn(now);
    for (const [index, { most, ms }] of LIMITS.entries()) {
      const used = this.spans[index]?.used ?? 0;
      if (used + count > most)
        throw new WireRefusal(
          -1015,
          `Too many new orders; current limit is ${most} orders per ${ms === MINUTE_MS ? 'MINUTE' : 'TEN_SECONDS'}.`,
          429,
          { 'Retry-After': String(Math.ceil((ms - (now % ms)) / 1_000)) },
        );
    }
    for (const span of this.spans) span.used += count;
  }

  headers(now: number): Readonly<Record<string, string>> {
    this.turn(now);
    return Object.fromEntries(LIMITS.map(({ header }, index) => [header, String(this.spans[index]?.used ?? 0)]));
  }

  private turn(now: number): void {
    for (const [index, { ms }] of LIMITS.entries()) {
      const span = this.spans[index];
      const current = Math.floor(now / ms);
      if (span === undefined || span.span === current) continue;
      Object.assign(span, { span: current, used: 0 });
    }
  }
}
