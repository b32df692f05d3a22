/**
 * A request without an answer. `reached` says what may be concluded: `no` only where not one byte of it can have left
 * (name not found, connection refused, certificate not believed); `maybe` for everything else, and then whoever asked
 * for something to be done does not know whether it was.
 */
export class TransportError extends Error {
  override readonly name = 'TransportError';

  constructor(
    message: string,
    readonly reached: 'no' | 'maybe',
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
