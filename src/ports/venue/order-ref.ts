/** Finds one order by any of its names. */
export interface OrderRef {
  readonly clientId: string;
  readonly symbol: string;
  readonly venueIds?: readonly string[];
}
