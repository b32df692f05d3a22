import { fault } from '../../src/domain/errors.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import type { ConfigChange, ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import { differences } from './diff.js';
import { loosened } from '../schema/loosening.js';
import { ownVariables } from './environment-layer.js';
import { loadConfig, type LoadedConfig, type LoadOptions } from './loader.js';
import { readSource, type Environment } from './sources.js';

/** Where a running bot's configuration comes from; the environment may be given as a function that is asked again. */
export type ConfigSources = Omit<LoadOptions, 'env'> & {
  readonly env: Environment | (() => Environment);
  /** Told what a re-read configuration warns of. */
  readonly onWarning?: (warning: string) => void;
};

/**
 * Fields that a running bot cannot change: its world is built from them, and a dry run has neither compared its account
 * with the venue nor started the tasks that guard one.
 */
const FIXED = ['profile', 'world', 'botId', 'derivatives', 'dryRun', 'storage', 'simulation', 'account'];
const FIXED_VENUE = ['name', 'environment', 'restUrl', 'streamUrl', 'apiKey', 'apiSecret'];

/** What every controller does once it knows what changed: hold, hand out once, tell. */
abstract class Controller implements ConfigController {
  private readonly listeners = new Set<(change: ConfigChange) => void>();
  protected pending: ConfigChange | undefined;
  private active: BotConfig;

  constructor(config: BotConfig) {
    this.active = config;
  }

  get current(): BotConfig {
    return this.active;
  }

  abstract refreshIfChanged(): ConfigChange | undefined;

  consumePendingChange(): ConfigChange | undefined {
    const change = this.pending;
    this.pending = undefined;
    return change;
  }

  /** Every listener is told, also after one has thrown; the first error is thrown at the end. */
  apply(change: ConfigChange): void {
    this.active = change.updated;
    const errors: unknown[] = [];
    for (const listener of [...this.listeners]) {
      try {
        listener(change);
      } catch (error) {
        errors.push(error);
      }
    }
    if (errors.length > 0) throw errors[0];
  }

  onChange(listener: (change: ConfigChange) => void): () => void {
    const own = (change: ConfigChange): void => {
      listener(change);
    };
    this.listeners.add(own);
    return () => this.listeners.delete(own);
  }
}

/** A configuration that no source can change: for hosts that keep their own. They may still `apply` changes. */
export class FixedConfigController extends Controller {
  refreshIfChanged(): undefined {
    return undefined;
  }
}

/** Watches every source it was loaded from: the file, the profile's and the risk file, the variables, the overrides. */
export class FileConfigController extends Controller {
  private loaded: LoadedConfig;
  /** The sources as last seen, whether or not they were valid: what is wrong is said once. */
  private seen: string;

  constructor(
    loaded: LoadedConfig,
    private readonly sources: ConfigSources,
  ) {
    super(loaded.config);
    this.loaded = loaded;
    this.seen = this.snapshot(loaded.sources);
  }

  refreshIfChanged(): ConfigChange | undefined {
    const snapshot = this.snapshot(this.loaded.sources.map(({ path }) => ({ path, text: textOf(path) })));
    if (snapshot === this.seen) return undefined;
    this.seen = snapshot;
    const loaded = loadConfig({ ...this.sources, env: this.environment() });
    const diff = differences(this.current, loaded.config);
    const fixed = Object.keys(diff).filter((path) => this.isFixed(path));
    if (fixed.length > 0) {
      throw fault('CFG-006', `${fixed.join(', ')} must stay as they are while the bot runs.`, {
        fix: 'Restart the bot to change them.',
      });
    }
    const looser = loosened(diff, this.loaded.schema);
    if (looser.length > 0) {
      throw fault('CFG-006', `${looser.join(', ')} must not be loosened while the bot runs.`, {
        why: 'An edit of a file names no operator; it may tighten limits at any time.',
        fix: 'Restart the bot to loosen a limit, or take that part of the edit back: the rest is then taken up.',
      });
    }
    this.loaded = loaded;
    this.seen = this.snapshot(loaded.sources);
    loaded.warnings.forEach((warning) => this.sources.onWarning?.(warning));
    this.pending = Object.keys(diff).length === 0 ? undefined : { updated: loaded.config, diff };
    return this.pending;
  }

  /** Products may be added while running, not redefined. */
  private isFixed(path: string): boolean {
    const [section = '', symbol = ''] = path.split('.');
    // A module that is loaded stays loaded; a session is with one venue, under one key.
    if (path === 'strategy.file' || (section === 'venue' && FIXED_VENUE.includes(symbol))) return true;
    return FIXED.includes(section) || (section === 'instruments' && Object.hasOwn(this.current.instruments, symbol));
  }

  private snapshot(files: readonly { readonly path: string; readonly text: string | null }[]): string {
    return JSON.stringify([
      files.map(({ path, text }) => [path, text]),
      ownVariables(this.environment(), this.loaded.schema),
    ]);
  }

  private environment(): Environment {
    return typeof this.sources.env === 'function' ? this.sources.env() : this.sources.env;
  }
}

const textOf = (path: string): string | null => {
  try {
    return readSource(path, '/').text;
  } catch {
    return null;
  }
};

/** A controller that re-reads what `loaded` was read from. */
export const createConfigController = (loaded: LoadedConfig, sources: ConfigSources): FileConfigController =>
  new FileConfigController(loaded, sources);
