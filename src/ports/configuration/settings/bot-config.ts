import type { InstrumentSpec } from '../../../domain/instrument.js';
import type { StrategySettings } from './strategy-settings.js';
import type { RiskSettings } from './risk-settings.js';
import type { ExecutionSettings } from './execution-settings.js';
import type { StreamingSettings } from './streaming-settings.js';
import type { SessionSettings } from './session-settings.js';
import type { TaskSettings } from './task-settings.js';
import type { StorageSettings } from './storage-settings.js';
import type { SimulationSettings } from './simulation-settings.js';
import type { VenueSettings } from './venue-settings.js';
import type { DeclaredAccount } from './declared-account.js';
import type { LoggingSettings } from './logging-settings.js';

export type Profile = 'dev' | 'demo' | 'spot' | 'canary' | 'prod';

export type World = 'live' | 'paper' | 'backtest';

/** Resolved configuration: defaults, file, profile, environment and overrides merged and checked. Immutable. */
export interface BotConfig {
  readonly profile: Profile;
  readonly world: World;
  readonly botId: string;
  readonly symbols: readonly string[];
  /** Shorts and leverage need it; off, every instrument is treated as spot. */
  readonly derivatives: boolean;
  /** Decide, but send nothing. */
  readonly dryRun: boolean;
  /** One cycle, and one step of the strategies' series. */
  readonly updateIntervalMs: number;
  readonly strategy: StrategySettings;
  readonly risk: RiskSettings;
  readonly execution: ExecutionSettings;
  readonly streaming: StreamingSettings;
  readonly session: SessionSettings;
  readonly tasks: TaskSettings;
  readonly storage: StorageSettings;
  readonly simulation: SimulationSettings;
  readonly instruments: Readonly<Record<string, InstrumentSpec>>;
  readonly venue: VenueSettings;
  readonly account: DeclaredAccount;
  readonly logging: LoggingSettings;
}
