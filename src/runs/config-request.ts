import type { InstrumentSpec } from '../domain/instrument.js';
import type { BotConfig, World } from '../ports/configuration/settings/bot-config.js';
import type { Json } from '../ports/storage/event-store.js';

/** What is asked of the configuration, above file and environment. Values are in the configuration's own grammar. */
export interface ConfigRequest {
  readonly file?: string;
  readonly profile?: string;
  /** Used when no file is given and the environment names no profile either. */
  readonly fallbackProfile?: string;
  /** Directory of journal and status files. */
  readonly stateDir?: string;
  readonly world?: World;
  readonly symbols?: readonly string[];
  /** Descriptions that a data file brought, for symbols the configuration does not know. */
  readonly instruments?: readonly InstrumentSpec[];
  /** One cycle: the interval of the bars. */
  readonly updateIntervalMs?: number;
  readonly strategy?: string;
  /** The file it stands in, in place of a name. */
  readonly strategyFile?: string;
  /** Names of strategies in files that are loaded already, by path. */
  readonly strategyNames?: Readonly<Record<string, string>>;
  /** Settings of the strategy: fields of `strategy.*`, or parameters of the strategy's own. */
  readonly parameters?: Readonly<Record<string, string>>;
  readonly seed?: number;
  readonly speed?: number | 'max';
  /** Further settings by dotted path. */
  readonly settings?: Readonly<Record<string, string>>;
}

export interface ResolvedConfig {
  readonly config: BotConfig;
  /**
   * Resolved values by dotted path, secrets redacted, each with where it came from (`default`, `bot.yaml:12`, `env
   * PERPSBOT__…`).
   */
  readonly origins: readonly {
    readonly path: string;
    readonly value: Json;
    readonly origin: string;
    readonly where?: string;
  }[];
  readonly warnings: readonly string[];
}

/** Settings that were given for one run alone, for its result; nothing where nothing was. */
export interface Overrides {
  readonly overrides?: Readonly<Record<string, string>>;
}

export const overridesShown = ({ settings }: ConfigRequest): Overrides =>
  settings === undefined ? {} : { overrides: settings };
