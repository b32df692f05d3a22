/** An open stream. `closed` resolves when it has ended, for whatever reason; an ended stream calls its sink no more. */
export interface Subscription {
  readonly closed: Promise<void>;
  close(): void;
}
