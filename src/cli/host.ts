import type { Problem } from '../domain/errors.js';
import type { BarSource } from '../ports/core-services/bar-source.js';
import type { StrategyDefinition } from '../ports/core-services/strategy.js';
import type { Clock, HostClock } from '../ports/configuration/clock.js';
import type { EventQuery, Json, StoredEvent } from '../ports/storage/event-store.js';
import type { RunOptions } from '../ports/market-services/lifecycle.js';
import type { ServedVenue, VenueServeRequest } from '../ports/venue/serving/served-venue.js';
import type { PublicMarket } from '../ports/venue/public-market.js';
import type { PublicHistory } from '../ports/research/public-history.js';
import type { Portfolio } from '../ports/runtime-state/portfolio.js';
import type { LastDecisions, OrderStats } from '../ports/runtime-state/runtime-state.js';
import type { SafetyLadder } from '../ports/storage/safety-ladder.js';
import type { Scheduler } from '../ports/configuration/scheduler.js';
import type { BotConfig } from '../ports/configuration/settings/bot-config.js';
import type { MarketDriver } from '../ports/core-services/simulated-exchange.js';
import type { TradingCycle } from '../ports/market-services/trading-cycle.js';
import type { GrowingFile } from '../data/download/download.js';
import type { RecordFile } from '../data/session/session-recorder.js';
import type { ReconcileReport } from '../ports/core-services/account-review.js';
import type { FlattenPlan, HeldPosition } from '../ports/core-services/operator-control.js';
import type { ControlHost } from '../operator/control/reach-bot.js';
import type { DirectFlattenReport, DirectFlattenRequest } from '../operator/direct/direct-flatten.js';
import type { DirectHaltReport } from '../operator/direct/direct-halt.js';
import type { PreflightReport } from '../operator/preflight/preflight.js';
import type { ConfigRequest } from '../runs/config-request.js';
import type { HostFiles, RunHost } from '../runs/run-host.js';

/** A stream the command line writes to: `process.stdout` and `process.stderr`, or what a test puts in their place. */
export type OutputStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number };

export interface CliIo {
  /** Results, and nothing else. */
  readonly stdout: OutputStream;
  /** Progress, status line, errors, logs. */
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A terminal that closes (SIGHUP) stops a bot as politely as the other two. */
export type StopSignal = 'SIGINT' | 'SIGTERM' | 'SIGHUP';

/**
 * A bot of a foreground command. The ports are the container's own instances; they may be read before, during and
 * after.
 */
export interface CliBot {
  readonly config: BotConfig;
  readonly clock: Clock;
  readonly portfolio: Portfolio;
  /** Open positions, and what of them the venue's stops look after. */
  held(): readonly Pick<HeldPosition, 'symbol' | 'size' | 'stopSize'>[];
  readonly safety: SafetyLadder;
  readonly cycle: TradingCycle;
  readonly orders: OrderStats;
  readonly decisions: LastDecisions;
  /** Present in worlds that have a driver of their own. */
  readonly market?: MarketDriver;
  /** False once a record could not be written. */
  readonly journalHealthy: boolean;
  /** Path of the journal; undefined for one in memory. */
  readonly journal: string | undefined;
  /** Brings everything up; rejects when a part cannot start, after what started was stopped. */
  start(): Promise<void>;
  /** Cycles until stopped, then brings everything down. */
  run(options?: RunOptions): Promise<void>;
  requestStop(reason: string): void;
  /** Idempotent. */
  stop(): Promise<void>;
}

export interface BotRequest {
  readonly config: ConfigRequest;
  /** Replayed instead of a generated market. */
  readonly recording?: BarSource;
  /** Followed instead of a generated market. */
  readonly market?: PublicMarket;
  /** Beside the built-in ones. */
  readonly strategies?: readonly StrategyDefinition[];
}

/** A journal, opened to read; a running bot may be writing it. */
export interface JournalAccess {
  readonly path: string;
  query(query: EventQuery): readonly StoredEvent[];
  /** Types of the records it holds, in order of the alphabet. */
  types(): readonly string[];
  /**
   * Every record as one line of JSON, oldest first, without its newline; returns how many. Throws at a damaged record.
   */
  exportLines(write: (line: string) => void): number;
  /** Reads everything; damage is said in sentences, never skipped. */
  verify(): {
    readonly ok: boolean;
    readonly records: number;
    /** Of its archive. */
    readonly archived?: number;
    readonly problems: readonly string[];
  };
}

type StatePlace = Pick<BotConfig['storage'], 'driver' | 'directory'>;

interface HostProbes {
  /** Loads the SQLite driver and returns its name; throws STORE-006. */
  sqlite(): string;
  /** Writes, syncs and removes a file; throws STORE-003. Creates nothing that stays. */
  writable(directory: string): void;
  freeBytes(directory: string): number;
}

/** What every answer needs, help included: light enough to be there at once. */
export interface CliShell {
  /** The text of a file, undefined where there is none; throws STORE-003 for one that cannot be read. */
  readText(path: string): string | undefined;
  /** Whether a process holds the state directory; undefined where that cannot be known. */
  isHeld(directory: string): Promise<boolean | undefined>;
  readonly io: CliIo;
  readonly clock: HostClock;
  readonly build: { readonly version: string; readonly commit?: string; readonly node: string };
}

/** What commands over recorded data need: no bot, and no configuration unless it is asked for. */
export interface FilesHost extends CliShell, HostFiles {}

/** Everything the command line takes from below: `di/launch.ts` makes it, tests make their own. */
export interface CliHost extends CliShell, RunHost {
  readonly clock: HostClock;
  readonly timers: Scheduler;
  readonly probes: HostProbes;
  /** How a running bot is reached. */
  readonly control: ControlHost;
  /** Name of whoever sits at the keyboard. */
  readonly user: string;
  /** Calls for every signal; returns the canceller. */
  onSignal(listener: (signal: StopSignal) => void): () => void;
  /** Ends the process at once: the second signal. */
  exit(code: number): void;
  /** Reads the files that the configuration of a simulated venue names. Throws what a start would: CFG-005, DATA-*. */
  assertFiles(request: ConfigRequest): Promise<void>;
  /** A venue's public past. Throws VENUE-*. */
  openHistory(request: { readonly venue: string; readonly baseUrl?: string }): Promise<PublicHistory>;
  /** A server of a venue's protocol on loopback. Throws DATA-*, and VENUE-002 where nobody can listen. */
  serveVenue(request: VenueServeRequest): Promise<ServedVenue>;
  /** The public market of the venue that a configuration names; `heard` is told what arrives of it. Throws CFG-*. */
  openPublicMarket(request: ConfigRequest, heard?: (text: string) => void): Promise<PublicMarket>;
  /** A file that nobody has written yet, or that is given away. Throws STORE-*. */
  openRecordFile(path: string, overwrite: boolean): Promise<RecordFile>;
  /** A file of whole lines to go on with, made where it is missing. Throws STORE-003. */
  openGrowingFile(path: string): GrowingFile;
  /**
   * Where the bot of a configuration keeps its state, whatever else is wrong in it. Throws CFG-* when that cannot be
   * told.
   */
  statePlace(request: ConfigRequest): StatePlace;
  /**
   * What the journal of a state directory knows against what the venue holds, asked from here. Throws what a start
   * would of the configuration, the key and the venue.
   */
  compareBeside(request: ConfigRequest, directory: string, tell: (waits: string) => void): Promise<ReconcileReport>;
  /**
   * Withdraws what does not protect with a venue client of this process, whatever became of the bot. Throws what a
   * start would of the configuration, the key and the venue: nothing has been sent then.
   */
  haltBeside(
    request: ConfigRequest,
    directory: string,
    withinMs: number,
    tell: (report: DirectHaltReport) => void,
  ): Promise<DirectHaltReport>;
  /** Shows the plan of flattening past the bot, or carries it out. Throws as `haltBeside`, and RISK-005. */
  flattenBeside(
    request: ConfigRequest,
    directory: string,
    asked: DirectFlattenRequest,
  ): Promise<FlattenPlan | DirectFlattenReport>;
  /** Looks at what a live start takes for granted, and keeps what came of it in the state directory. Throws CFG-*. */
  preflightBeside(request: ConfigRequest): Promise<PreflightReport>;
  configSchema(): Json;
  createBot(request: BotRequest): Promise<CliBot>;
  graph(request: BotRequest, format: 'mermaid' | 'dot' | 'json'): Promise<string>;
  verify(
    request: BotRequest,
  ): Promise<{ readonly ok: boolean; readonly services: number; readonly problems: readonly Problem[] }>;
  /** Undefined when there is no journal yet; throws STORE-* for one that cannot be opened. */
  openJournal(storage: StatePlace): JournalAccess | undefined;
}
