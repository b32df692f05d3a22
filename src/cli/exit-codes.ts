/** Exit codes of the command line: a stable interface. Errors of the table carry their own. */
export const EXIT = {
  ok: 0,
  /** A defect: please report it. */
  unexpected: 1,
  usage: 2,
  checkFailed: 3,
  /** A strategy that gives nothing to rank, or is refused. */
  strategyInvalid: 4,
  sighup: 129,
  /** Halted: it needs an operator. */
  halted: 6,
  /** Bot and venue differ. */
  mismatch: 8,
  /** What was asked for is not confirmed: exposure may remain. */
  incomplete: 9,
  sigint: 130,
  sigterm: 143,
} as const;
