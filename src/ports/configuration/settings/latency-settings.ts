/** What lies between the bot and the exchange. Times of venue. */
export interface LatencySettings {
  /** From sending to the matching engine, and from there back. */
  readonly orderMs: number;
  readonly responseMs: number;
  /** CSV `order_ms,response_ms`: drawn from with the seed, instead of the two constants. */
  readonly file?: string;
}
