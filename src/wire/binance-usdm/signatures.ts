import { createHmac, timingSafeEqual } from 'node:crypto';
import type { ServedRequest } from '../../ports/transport/http-server.js';
import type { Params } from './params.js';
import { missing, WireRefusal } from './refusal.js';

export interface WireKey {
  readonly key: string;
  readonly secret: string;
  /** What the venue says of it where it tells permissions; default: it may not. */
  readonly mayWithdraw?: boolean;
}

const USUAL_WINDOW_MS = 5_000;
const LONGEST_WINDOW_MS = 60_000;
/** How far a client's time may be before the server's. */
const AHEAD_MS = 1_000;
const SHA256_HEX = /^[0-9a-f]{64}$/i;

/**
 * Who asks. Key, then what is missing, then time, then signature. Source: Binance, "SIGNED endpoint security": HMAC
 * SHA256 of query and body as they came, `timestamp < server + 1000 && server - timestamp <= recvWindow`.
 */
export class Signatures {
  constructor(private readonly keys: readonly WireKey[]) {}

  /** The key of a signed request. Throws the refusal of the first thing that is wrong with it. */
  verify(request: ServedRequest, params: Params, now: number): WireKey {
    const key = this.known(request);
    const given = params.need('signature');
    const at = params.whole('timestamp', undefined);
    if (at === undefined) throw missing('timestamp');
    const window = params.whole('recvWindow', USUAL_WINDOW_MS);
    if (window > LONGEST_WINDOW_MS) throw new WireRefusal(-1131, 'recvWindow must be less than 60000.');
    if (at >= now + AHEAD_MS)
      throw new WireRefusal(-1021, `Timestamp for this request was ${AHEAD_MS}ms ahead of the server's time.`);
    if (now - at > window) throw new WireRefusal(-1021, 'Timestamp for this request is outside of the recvWindow.');
    const expected = createHmac('sha256', key.secret).update(params.signed).digest();
    if (!SHA256_HEX.test(given) || !timingSafeEqual(Buffer.from(given, 'hex'), expected))
      throw new WireRefusal(-1022, 'Signature for this request is not valid.');
    return key;
  }

  /** Whose key it carries. */
  known(request: ServedRequest): WireKey {
    const named = request.headers.get('x-mbx-apikey');
    if (named === undefined || named === '') throw new WireRefusal(-2014, 'API-key format invalid.', 401);
    const key = this.keys.find((each) => each.key === named);
    if (key === undefined) throw new WireRefusal(-2015, 'Invalid API-key, IP, or permissions for action', 401);
    return key;
  }
}
