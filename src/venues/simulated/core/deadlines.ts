const NEVER = Number.POSITIVE_INFINITY;

/** What changes in one market by time alone, and when. `nextAt` is a plain field, because every event asks. */
export class Deadlines {
  nextAt = NEVER;
  /** The earliest end of an open good-till order. */
  orderAt = NEVER;
  /** Ends of the dead-man countdowns: of this market, and of the account. */
  deadManAt = NEVER;
  accountDeadManAt = NEVER;
  /** The next change of filters. */
  changeAt = NEVER;

  /** The next instant of one kind. */
  set(kind: 'orderAt' | 'deadManAt' | 'accountDeadManAt' | 'changeAt', at: number): void {
    this[kind] = at;
    this.nextAt = Math.min(this.orderAt, this.deadManAt, this.accountDeadManAt, this.changeAt);
  }
}
