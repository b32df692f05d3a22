/** A request that the venue turns away, in its own words. */
export class WireRefusal extends Error {
  override readonly name = 'WireRefusal';

  constructor(
    readonly code: number,
    message: string,
    readonly status = 400,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const invalidSymbol = (): WireRefusal => new WireRefusal(-1121, 'Invalid symbol.');

export const missing = (name: string): WireRefusal =>
  new WireRefusal(-1102, `Mandatory parameter '${name}' was not sent, was empty/null, or malformed.`);

export const illegal = (name: string): WireRefusal =>
  new WireRefusal(-1130, `Data sent for parameter '${name}' is not valid.`);
