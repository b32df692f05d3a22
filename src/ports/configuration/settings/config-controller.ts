import type { BotConfig } from './bot-config.js';
import { token } from '../../../injection/token.js';

/** What changed, field by field (dotted path), and the configuration that now holds. */
export interface ConfigChange {
  readonly updated: BotConfig;
  readonly diff: Readonly<Record<string, { readonly current: unknown; readonly next: unknown }>>;
}

/**
 * Owner of the active configuration. Consumers keep the controller, never a copy of a field: `current` is read at use,
 * so that a hot change reaches everyone. An invalid new file leaves the old configuration in force.
 */
export interface ConfigController {
  readonly current: BotConfig;
  /** Re-reads the sources; undefined when nothing changed. The change is pending until consumed. Throws CFG-*. */
  refreshIfChanged(): ConfigChange | undefined;
  /** Hands out the pending change once. */
  consumePendingChange(): ConfigChange | undefined;
  /** Puts a change into force and tells every listener, in order of subscription. */
  apply(change: ConfigChange): void;
  /** Returns the unsubscriber. */
  onChange(listener: (change: ConfigChange) => void): () => void;
}
export const ConfigController = token<ConfigController>('ConfigController');
