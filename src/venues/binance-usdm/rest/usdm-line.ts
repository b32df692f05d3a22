import { parseExact } from '../../../connect/exact-json.js';
import { WeightBudget } from '../../../connect/weight-budget.js';
import { fault } from '../../../domain/errors.js';
import type { Clock } from '../../../ports/configuration/clock.js';
import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { HttpAnswer, HttpClient, HttpRequest } from '../../../ports/transport/http-client.js';
import { TransportError } from '../../../ports/transport/transport-error.js';
import { withoutSecrets } from './without-secrets.js';

/** Of one address. Source: `rateLimits` of exchangeInfo. */
const LIMIT = { perMinute: 2_400, reserved: 0.25 };
/** From the call to the last byte of the answer. */
const TIMEOUT_MS = 10_000;
/** Of a question: before whoever asked gives it up, and with the host's name. */
const QUESTION_MS = 8_000;
const USED = 'x-mbx-used-weight-1m';
/** Where the venue says neither how long nor that it is over; a ban is 2 minutes at least. */
const PAUSE_MS: Readonly<Record<number, number>> = { 429: 60_000, 418: 120_000 };
const MS_PER_SECOND = 1_000;
const LONGEST_WORDS = 200;

/** Codes of the venue that say: not this, however often. Source: Binance, "Error Codes". */
const REFUSED_CREDENTIALS: ReadonlySet<number> = new Set([-1022, -2014, -2015]);

export interface UsdmLinePorts {
  readonly http: HttpClient;
  readonly clock: Pick<Clock, 'now'>;
  readonly scheduler: Scheduler;
}

export interface LineRequest {
  readonly method: HttpRequest['method'];
  readonly path: string;
  /** Percent-encoded. */
  readonly query: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly weight: number;
  /** It ends orders, or asks for what became of them: it has the reserved part of the weight too. */
  readonly isUrgent?: boolean;
}

/** What has come back, read as far as it can be. */
export interface LineAnswer {
  readonly status: number;
  /** Undefined for what is no JSON. */
  readonly said: unknown;
  /** The venue's own number of a refusal, and its words. */
  readonly code?: number;
  readonly words: string;
  /** How long the venue wants to be left alone. */
  readonly pauseMs?: number;
}

/** Requests of one address to the venue, public and signed, within the weights that it allows. */
export class UsdmLine {
  private readonly budget: WeightBudget;

  constructor(
    private readonly ports: UsdmLinePorts,
    readonly restUrl: string,
  ) {
    this.budget = new WeightBudget(LIMIT, ports.clock);
  }

  /** Not before so many milliseconds may it leave; 0: at once. */
  waitOf({ weight, isUrgent }: Pick<LineRequest, 'weight' | 'isUrgent'>): number {
    return Math.max(0, this.budget.freeAt(weight, isUrgent === true) - this.ports.clock.now());
  }

  /** Whose word it is that something must wait. */
  whyWait(): string {
    return this.budget.isPaused
      ? 'the venue has asked to be left alone'
      : 'the requests of this address have used up the weight of this minute';
  }

  /** Sends it, whatever it weighs. Rejects with a `TransportError` where there is no answer. */
  async exchange(
    { method, path, query, headers, weight }: LineRequest,
    timeoutMs: number = TIMEOUT_MS,
  ): Promise<LineAnswer> {
    this.budget.sent(weight);
    const url = `${this.restUrl}${path}${query === '' ? '' : `?${query}`}`;
    const request = { method, url, timeoutMs, ...(headers === undefined ? {} : { headers }) };
    const secrets = Object.values(headers ?? {});
    return this.read(await this.ports.http.request(request).catch((error: unknown) => failed(error, secrets)), secrets);
  }

  /**
   * What it is answered with. Rejects with VENUE-002 where it cannot be had, and whoever asks too often is told how
   * long to leave it alone (`retryAfterMs`); with VENUE-004 for a key that may not; with VENUE-003 for what is turned
   * away; with VENUE-005 for an answer that cannot be read, as an HTML page is.
   */
  async ask(request: LineRequest): Promise<unknown> {
    const { path } = request;
    const wait = this.waitOf(request);
    if (wait > 0) throw left(`${path} is not asked for now: ${this.whyWait()}`, wait);
    let answer: LineAnswer;
    try {
      answer = await this.exchange(request, QUESTION_MS);
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      throw fault('VENUE-002', `${path} must be answered, and is not: ${error.message}.`, { cause: error });
    }
    if (answer.status === 200 && answer.said !== undefined) return answer.said;
    throw refusalOf(path, answer);
  }

  /** What was sent to be kept to ourselves is in no words that are told. */
  private read({ status, headers, body }: HttpAnswer, secrets: readonly string[]): LineAnswer {
    const used = Number(headers.get(USED));
    if (Number.isSafeInteger(used)) this.budget.heard(used);
    const said = parsed(body);
    const { code, msg } = refusalIn(said);
    const told = `${status}${code === undefined ? '' : ` ${code}`} ${msg ?? body}`;
    const words = withoutSecrets(told, secrets).slice(0, LONGEST_WORDS);
    const pause = PAUSE_MS[status];
    const wantedMs = Number(headers.get('retry-after')) * MS_PER_SECOND;
    const pauseMs = pause === undefined ? undefined : wantedMs > 0 ? wantedMs : pause;
    if (pauseMs !== undefined) this.budget.pause(pauseMs);
    return {
      status,
      said,
      words,
      ...(code === undefined ? {} : { code }),
      ...(pauseMs === undefined ? {} : { pauseMs }),
    };
  }
}

/** What a way says of a request that it has lost may repeat it. */
function failed(error: unknown, secrets: readonly string[]): never {
  if (!(error instanceof TransportError)) throw error;
  const words = withoutSecrets(error.message, secrets);
  throw words === error.message ? error : new TransportError(words, error.reached);
}

/** The venue's number of the refusal that an error tells of; undefined where it tells of none. */
export const venueCodeOf = (error: unknown): number | undefined =>
  (error as { readonly venueCode?: number } | null)?.venueCode;

function refusalOf(path: string, { status, code, words, pauseMs }: LineAnswer): Error {
  if (pauseMs !== undefined) return left(`${path} must be answered, and was told ${words}`, pauseMs);
  if (status >= 500) return fault('VENUE-002', `${path} must be answered, and was told ${words}.`);
  if (code === undefined) return fault('VENUE-005', `The answer to ${path} must be JSON of the venue, was ${words}.`);
  const [name, must] = REFUSED_CREDENTIALS.has(code)
    ? (['VENUE-004', 'allowed'] as const)
    : (['VENUE-003', 'taken'] as const);
  return Object.assign(fault(name, `${path} must be ${must}, and was told ${words}.`), { venueCode: code });
}

const left = (message: string, retryAfterMs: number): Error =>
  Object.assign(fault('VENUE-002', `${message}.`), { retryAfterMs });

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
