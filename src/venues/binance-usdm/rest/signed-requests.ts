import { messageOf } from '../../../domain/errors.js';
import type { VenueKey } from '../../../ports/configuration/venue-credentials.js';
import { TransportError } from '../../../ports/transport/transport-error.js';
import { encoded, signature, type RequestParams } from './signature.js';
import { venueCodeOf, type LineAnswer, type LineRequest, type UsdmLine } from './usdm-line.js';
import type { VenueOffset } from './venue-offset.js';

/** How long after its stamp the venue takes a request, in ms. Source: Binance, "Timing security". */
const WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 60_000;
/** The stamp lies outside of the window: the venue's answer proves that nothing was done. */
const OUTSIDE_OF_WINDOW = -1_021;
const KEY_HEADER = 'X-MBX-APIKEY';
/** Codes that say: it may have been done. Source: Binance, "Error Codes", -1000, -1001, -1006, -1007. */
const OUTCOME_UNKNOWN: ReadonlySet<number> = new Set([-1_000, -1_001, -1_006, -1_007]);
const UNAVAILABLE = 503;
const OVERLOADED = -1_008;
/**
 * The same status has three meanings: "Unknown error" may have been done, these two were not. Source: Binance, "HTTP
 * Return Codes".
 */
const NOT_DONE = /^503 (?:-1008\b|(?:-\d+ )?Service Unavailable)/i;

export interface SignedRequest {
  readonly method: LineRequest['method'];
  readonly path: string;
  readonly params?: RequestParams;
  readonly weight: number;
  readonly isUrgent?: boolean;
}

/** What became of a request that moves orders. */
export type SentOutcome =
  | { readonly kind: 'said'; readonly said: unknown }
  /** The venue's own word, with its number: it was not done. */
  | { readonly kind: 'refused'; readonly code: number; readonly words: string; readonly pauseMs?: number }
  /** It has not left: nobody but ourselves has refused it. */
  | { readonly kind: 'kept'; readonly words: string; readonly pauseMs?: number }
  /** It may have been done. */
  | { readonly kind: 'unknown'; readonly cause: string; readonly pauseMs?: number };

/** Requests in the name of an account. A key leaves in its header alone, a secret never. */
export class SignedRequests {
  private key: VenueKey | undefined;

  constructor(
    private readonly line: UsdmLine,
    private readonly time: VenueOffset,
    private readonly readKey: () => Promise<VenueKey>,
  ) {}

  /** Key and clock, before anything is signed. Rejects where either cannot be had. */
  async ready(): Promise<VenueKey> {
    const key = (this.key ??= await this.readKey());
    await this.time.known();
    return key;
  }

  /** Asked again once where the venue's clock was not where it was believed to be. Rejects as `UsdmLine.ask`. */
  async ask(request: SignedRequest): Promise<unknown> {
    const key = await this.ready();
    try {
      return await this.line.ask(this.signed(request, WINDOW_MS, key));
    } catch (error) {
      if (venueCodeOf(error) !== OUTSIDE_OF_WINDOW) throw error;
    }
    await this.time.measure();
    return this.line.ask(this.signed(request, WINDOW_MS, key));
  }

  /** With the key alone, as listen keys are asked for. */
  async byKey(request: SignedRequest): Promise<unknown> {
    const { apiKey } = await this.ready();
    const { method, path, params = {}, weight, isUrgent = false } = request;
    const headers = { [KEY_HEADER]: apiKey.reveal() };
    return this.line.ask({ method, path, query: encoded(params), headers, weight, isUrgent });
  }

  /**
   * Sent once, whatever comes of it, and never after `expiresAt` by the venue's clock: the venue refuses it then, so
   * that not having it afterwards proves something. Never rejects.
   */
  async order(request: SignedRequest, expiresAt?: number): Promise<SentOutcome> {
    let key: VenueKey;
    try {
      key = await this.ready();
    } catch (error) {
      return { kind: 'kept', words: messageOf(error) };
    }
    const window = expiresAt === undefined ? WINDOW_MS : Math.min(LONGEST_WINDOW_MS, expiresAt - this.time.now());
    if (!(window >= 1)) return { kind: 'kept', words: 'it would have left too late' };
    const pauseMs = this.line.waitOf(request);
    if (pauseMs > 0) return { kind: 'kept', words: this.line.whyWait(), pauseMs };
    try {
      return outcomeOf(await this.line.exchange(this.signed(request, window, key)));
    } catch (error) {
      if (!(error instanceof TransportError)) throw error;
      return { kind: 'unknown', cause: error.message };
    }
  }

  private signed(
    { method, path, params = {}, weight, isUrgent = false }: SignedRequest,
    window: number,
    { apiKey, apiSecret }: VenueKey,
  ): LineRequest {
    const query = encoded({ ...params, recvWindow: window, timestamp: this.time.now() });
    return {
      method,
      path,
      query: `${query}&signature=${signature(query, apiSecret.reveal())}`,
      headers: { [KEY_HEADER]: apiKey.reveal() },
      weight,
      isUrgent,
    };
  }
}

/** What an answer proves. Whatever is not the venue's own refusal leaves us not knowing. */
export function outcomeOf({ status, said, code, words, pauseMs }: LineAnswer): SentOutcome {
  const pause = pauseMs === undefined ? {} : { pauseMs };
  if (status === 200 && said !== undefined) return { kind: 'said', said };
  if (status === UNAVAILABLE && NOT_DONE.test(words)) return { kind: 'refused', code: OVERLOADED, words, ...pause };
  const isRefusal = status >= 400 && status < 500 && code !== undefined && !OUTCOME_UNKNOWN.has(code);
  return isRefusal ? { kind: 'refused', code, words, ...pause } : { kind: 'unknown', cause: words, ...pause };
}
