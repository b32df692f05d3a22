import { createHmac } from 'node:crypto';

/** Values by name, as a request has them; what is undefined is not sent. */
export type RequestParams = Readonly<Record<string, string | number | boolean | undefined>>;

/** Percent-encoded: what is signed is what leaves, letter by letter. */
export const encoded = (params: RequestParams): string =>
  Object.entries(params)
    .flatMap(([name, value]) => (value === undefined ? [] : `${name}=${encodeURIComponent(value)}`))
    .join('&');

/** HMAC SHA256 of the text in hexadecimal. Source: Binance, "SIGNED endpoint security". */
export const signature = (text: string, secret: string): string =>
  createHmac('sha256', secret).update(text).digest('hex');
