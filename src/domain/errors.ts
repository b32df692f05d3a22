/** What the caller must do about an error. */
export type Consequence =
  /** An explicit refusal: nothing happened, the same call would be refused again. */
  | 'rejected'
  /** Nothing happened; the same call may succeed later. */
  | 'transient'
  /** It may have happened: look it up before doing anything else. */
  | 'unknown-outcome'
  /** A person must change configuration, data or environment. */
  | 'misconfigured'
  /** The program contradicts itself: a defect. */
  | 'defect';

interface ErrorDefinition {
  readonly consequence: Consequence;
  /** Exit code of the command line when this error ends it. */
  readonly exit: number;
  readonly title: string;
}

const define = (consequence: Consequence, exit: number, title: string): ErrorDefinition => ({
  consequence,
  exit,
  title,
});

/** Every code of the system, once. A code is never reused for another meaning. */
export const ERRORS = {
  'CFG-001': define('misconfigured', 78, 'Unknown configuration key'),
  'CFG-002': define('misconfigured', 78, 'Configuration value of the wrong type or grammar'),
  'CFG-003': define('misconfigured', 78, 'Risk limits missing for a live profile'),
  'CFG-004': define('misconfigured', 78, 'Retired configuration name'),
  'CFG-005': define('misconfigured', 78, 'Configuration file missing or unreadable'),
  'CFG-006': define('misconfigured', 78, 'Configuration values contradict each other'),
  'CFG-007': define('misconfigured', 78, 'Unknown symbol or instrument'),
  'CFG-008': define('misconfigured', 78, 'Unknown strategy or parameter'),
  'CFG-009': define('misconfigured', 78, 'Secret missing or unusable'),
  'DATA-001': define('misconfigured', 65, 'Malformed number'),
  'DATA-002': define('misconfigured', 5, 'Market data file missing'),
  'DATA-003': define('misconfigured', 65, 'Market data file has an invalid row'),
  'DATA-004': define('misconfigured', 65, 'Market data file has other columns than expected'),
  'DATA-005': define('misconfigured', 65, 'Market data rows are duplicate or disordered'),
  'DATA-006': define('misconfigured', 5, 'Symbol not in the market data file'),
  'DATA-007': define('misconfigured', 65, 'Market data catalog is damaged'),
  'DATA-008': define('transient', 7, 'Market without a price yet'),
  'STORE-001': define('misconfigured', 65, 'Store is damaged'),
  'STORE-002': define('misconfigured', 65, 'Store was written by a newer version'),
  'STORE-003': define('misconfigured', 73, 'Store cannot be created or opened'),
  'STORE-004': define('misconfigured', 74, 'Write to the store failed'),
  'STORE-005': define('misconfigured', 75, 'Another process holds this account'),
  'STORE-006': define('misconfigured', 73, 'No SQLite driver for this runtime'),
  'STORE-007': define('misconfigured', 74, 'Store is no longer where it was opened'),
  'STORE-008': define('misconfigured', 74, 'No room on the disk'),
  'STORE-009': define('misconfigured', 73, 'File system is read-only'),
  'NUM-001': define('defect', 70, 'Integer out of the exact range'),
  'NUM-002': define('misconfigured', 78, 'Instrument cannot be held exactly'),
  'NUM-003': define('rejected', 1, 'Price or size is zero after rounding'),
  'LEDGER-001': define('defect', 70, 'Ledger does not balance'),
  'ORDER-001': define('defect', 70, 'Illegal order transition'),
  'ORDER-002': define('rejected', 1, 'Duplicate client order id'),
  'ORDER-003': define('unknown-outcome', 7, 'Order outcome unknown'),
  'ORDER-004': define('rejected', 1, 'Order refused'),
  'VENUE-001': define('misconfigured', 78, 'No venue adapter is bound for the live world'),
  'VENUE-002': define('transient', 7, 'Venue not reachable'),
  'VENUE-003': define('rejected', 1, 'Venue does not support this request'),
  'VENUE-004': define('misconfigured', 77, 'Venue refused the credentials'),
  'VENUE-005': define('misconfigured', 65, 'Venue said something that cannot be read'),
  'VENUE-006': define('misconfigured', 78, "Clock of this machine differs from the venue's"),
  'RISK-001': define('rejected', 6, 'Refused by the safety state'),
  'RISK-002': define('rejected', 1, 'Refused by a risk limit'),
  'RISK-003': define('rejected', 3, 'Loosening the safety state needs an operator and a reason'),
  'RISK-004': define('rejected', 8, 'This bot and its venue differ'),
  'RISK-005': define('rejected', 9, 'The plan to flatten is not the one that holds now'),
  'CTRL-001': define('rejected', 9, 'Another bot answers at the control door'),
  'CTRL-002': define('rejected', 2, 'A command to a bot is out of its bounds'),
  'CTRL-003': define('rejected', 77, 'The control API does not hear this caller'),
  'LOCK-001': define('defect', 70, 'Mark lock section must be synchronous'),
  'LOCK-002': define('defect', 70, 'Mark lock released by somebody who does not hold it'),
  'BOT-001': define('misconfigured', 70, 'Service is not available before start or after stop'),
  'BOT-002': define('misconfigured', 70, 'A part failed to start'),
  'BOT-003': define('misconfigured', 70, 'Lifecycle used out of order'),
  'DI-001': define('misconfigured', 70, 'Required token is not bound'),
  'DI-002': define('misconfigured', 70, 'Circular dependency'),
  'DI-003': define('misconfigured', 70, 'Service depends on a later phase'),
  'DI-004': define('misconfigured', 70, 'Shared state bound with a non-singleton scope'),
  'DI-005': define('misconfigured', 70, 'Live venue in a world that must not trade'),
  'DI-006': define('misconfigured', 70, 'Class bound twice'),
  'DI-007': define('misconfigured', 70, 'Container is sealed'),
  'DI-008': define('misconfigured', 70, 'Binding hides its dependencies'),
  'DI-009': define('misconfigured', 70, 'Several bindings where one is wanted'),
  'DI-010': define('misconfigured', 70, 'Asynchronous binding where nobody can wait for it'),
  'DI-011': define('misconfigured', 70, 'Contributions are added, never rebound or unbound'),
  'DI-012': define('misconfigured', 70, 'A part, task or source that would never run'),
  'DI-013': define('misconfigured', 70, "Singleton of the host's that holds a bot's service"),
  'DI-014': define('misconfigured', 70, 'Container of another copy of inversify'),
  'DI-015': define('misconfigured', 70, 'Container cannot do what it was asked'),
  'DI-016': define('defect', 70, 'A service threw while it was built'),
  'PKG-001': define('misconfigured', 78, 'Optional package is not installed'),
  'PKG-002': define('misconfigured', 78, 'Node is older than this package supports'),
  'PKG-003': define('misconfigured', 78, 'Two copies of this package in one program'),
  'STAT-001': define('misconfigured', 2, 'Statistic does not fit the data'),
  'REPORT-001': define('misconfigured', 65, 'Saved run is damaged or of another version'),
  'CLI-001': define('misconfigured', 2, 'Wrong usage'),
  'SWEEP-001': define('transient', 70, 'A worker died over its job'),
  'SWEEP-002': define('misconfigured', 70, 'Workers cannot start'),
  'SWEEP-003': define('misconfigured', 65, 'Data, build or search differ from those of the sweep'),
  'SWEEP-004': define('misconfigured', 73, 'The directory holds a sweep already'),
  'SWEEP-005': define('transient', 75, 'Job queue not reachable'),
  'SWEEP-006': define('misconfigured', 65, 'A job or a result from the queue cannot be believed'),
  'STRAT-001': define('misconfigured', 78, 'Strategy breaks the rules of its form'),
  'STRAT-002': define('misconfigured', 78, 'Strategy module cannot be loaded'),
  'STRAT-003': define('defect', 4, 'Strategy decides by what it cannot know yet'),
  'STRAT-004': define('defect', 4, 'Strategy reads what is not there'),
  'STRAT-005': define('defect', 4, 'Strategy failed while it ran'),
  'TEST-001': define('misconfigured', 2, 'Test kit used in a way that proves nothing'),
  'TEST-002': define('defect', 4, 'Run in a test is not as it must be'),
  'TIME-001': define('defect', 70, 'Duration or instant out of range'),
} as const satisfies Record<string, ErrorDefinition>;

export type ErrorCode = keyof typeof ERRORS;

export interface FaultDetails {
  readonly cause?: unknown;
  /** File, line and column, or whatever names the place. */
  readonly where?: string;
  readonly why?: string;
  /** The remedy, as an instruction. */
  readonly fix?: string;
  /** Several problems found at once. */
  readonly problems?: readonly Problem[];
}

/** One of several problems reported together. */
export interface Problem {
  readonly code: ErrorCode;
  readonly message: string;
  readonly where?: string;
  readonly fix?: string;
}

const BRAND = Symbol.for('perps-bot/PerpsBotError');

/** Every error this system raises on purpose. The message states the fact; `fix` the remedy. Never holds a secret. */
export class PerpsBotError extends Error {
  readonly [BRAND] = true;
  readonly where: string | undefined;
  readonly why: string | undefined;
  readonly fix: string | undefined;
  readonly problems: readonly Problem[];

  constructor(
    readonly code: ErrorCode,
    message: string,
    details: FaultDetails = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'PerpsBotError';
    this.where = details.where;
    this.why = details.why;
    this.fix = details.fix;
    this.problems = details.problems ?? [];
  }

  get consequence(): Consequence {
    return ERRORS[this.code].consequence;
  }

  /** That of the cause where this error only says which part it stopped. */
  get exitCode(): number {
    return this.code === 'BOT-002' && PerpsBotError.is(this.cause) ? this.cause.exitCode : ERRORS[this.code].exit;
  }

  /** True for our errors, also across two copies of this package in one process. */
  static is(value: unknown): value is PerpsBotError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Makes an error of the table. */
export const fault = (code: ErrorCode, message: string, details?: FaultDetails): PerpsBotError =>
  new PerpsBotError(code, message, details);

/** The readable message of anything thrown. */
export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
