import { fault } from '../../../domain/errors.js';
import { parseExact } from '../../../connect/exact-json.js';
import { WeightBudget } from '../../../connect/weight-budget.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { HttpAnswer, HttpClient } from '../../../ports/transport/http-client.js';
import { TransportError } from '../../../ports/transport/transport-error.js';

/** Of one address. Source: `rateLimits` of exchangeInfo. */
const LIMIT = { perMinute: 2_400, reserved: 0.25 };
/** From the call to the last byte of the answer. */
const TIMEOUT_MS = 10_000;
const USED = 'x-mbx-used-weight-1m';
/** Where the venue says neither how long nor that it is over; a ban is 2 minutes at least. */
const PAUSE_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000 };
const MS_PER_SECOND = 1_000;
const LONGEST_WORDS = 200;

/** Codes of the venue that say: not this, however often. Source: Binance, "Error Codes". */
const REFUSED_CREDENTIALS: ReadonlySet<number> = new Set([-1022, -2014, -2015]);

export interface UsdmRequestPorts {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly scheduler: Scheduler;
}

/**
 * Public requests to the venue, within its weights. Rejects with VENUE-002 where it cannot be had, and whoever asks too
 * often is told how long to leave it alone (`retryAfterMs`); with VENUE-003 for what it turns away; with VENUE-005 for
 * an answer that cannot be read, as an HTML page is.
 */
export class UsdmRequests {
  private readonly budget: WeightBudget;

  constructor(
    private readonly ports: UsdmRequestPorts,
    private readonly restUrl: string,
  ) {
    this.budget = new WeightBudget(LIMIT, ports.clock);
  }

  async get(path: string, params: Readonly<Record<string, string | number>>, weight: number): Promise<unknown> {
    const { clock } = this.ports;
    const wait = this.budget.freeAt(weight) - clock.now();
    if (wait > 0) throw left(`${path} is not asked for now: the weight of this minute is used up`, wait);
    this.budget.sent(weight);
    const answer = await this.send(path, params);
    const used = Number(answer.headers.get(USED));
    if (Number.isSafeInteger(used)) this.budget.heard(used);
    return this.read(answer, path);
  }

  private async send(path: string, params: Readonly<Record<string, string | number>>): Promise<HttpAnswer> {
    const query = Object.entries(params)
      .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
      .join('&');
    const url = `${this.restUrl}${path}${query === '' ? '' : `?${query}`}`;
    try {
      return await this.ports.http.request({ method: 'GET', url, timeoutMs: TIMEOUT_MS });
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      throw fault('VENUE-002', `${path} must be answered, and is not: ${error.message}.`, { cause: error });
    }
  }

  private read({ status, headers, body }: HttpAnswer, path: string): unknown {
    const said = parsed(body);
    if (status === 200 && said !== undefined) return said;
    const { code, msg } = refusalIn(said);
    const words = `${status}${code === undefined ? '' : ` ${code}`} ${msg ?? body}`.slice(0, LONGEST_WORDS);
    const pause = PAUSE_MS[status];
    if (pause !== undefined) {
      const told = Number(headers.get('retry-after')) * MS_PER_SECOND;
      const ms = told > 0 ? told : pause;
      this.budget.pause(ms);
      throw left(`${path} must be answered, and was told ${words}`, ms);
    }
    if (status >= 500) throw fault('VENUE-002', `${path} must be answered, and was told ${words}.`);
    if (code === undefined) throw fault('VENUE-005', `The answer to ${path} must be JSON of the venue, was ${words}.`);
    if (REFUSED_CREDENTIALS.has(code)) throw fault('VENUE-004', `${path} must be allowed, and was told ${words}.`);
    throw fault('VENUE-003', `${path} must be taken, and was told ${words}.`);
  }
}

const left = (message: string, retryAfterMs: number): Error =>
  Object.assign(fault('VENUE-002', `${message}.`), { retryAfterMs });

/** Undefined for what is no JSON. */
function parsed(body: string): unknown {
  try {
    return parseExact(body);
  } catch {
    return undefined;
  }
}

function refusalIn(said: unknown): { readonly code?: number; readonly msg?: string } {
  if (typeof said !== 'object' || said === null) return {};
  const { code, msg } = said as { readonly code?: unknown; readonly msg?: unknown };
  return {
    ...(typeof code === 'number' && Number.isSafeInteger(code) ? { code } : {}),
    ...(typeof msg === 'string' ? { msg } : {}),
  };
}
