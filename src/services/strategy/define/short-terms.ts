import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { EntryLimits } from '../../../ports/core-services/strategy.js';
import type { StoppingChoice } from '../../../ports/strategy/event-strategy.js';
import type { Indicator } from '../indicators/index.js';
import type { FrameTerms } from './frames.js';

/** A handler as it is called: what it is handed is made by whoever calls it. */
export type ShortHandler = (context: never, indicators: never) => unknown;

/** Handlers by name; one that is absent is not told of anything. */
export interface ShortHandlers {
  readonly onStart?: ShortHandler;
  readonly onBar?: ShortHandler;
  readonly onFill?: ShortHandler;
  readonly onOrder?: ShortHandler;
  readonly onTimer?: ShortHandler;
  readonly onGate?: ShortHandler;
  readonly onStop?: ShortHandler;
  /** By schedule. */
  readonly every: Readonly<Record<string, ShortHandler>>;
}

/** What a definition hands to every symbol it trades: what to compute and what to do. */
export interface Behaviour {
  /** Makes the indicators of one symbol, its own timeframe first; `named` are those that were given a name. */
  setup(): {
    readonly frames: readonly [FrameTerms, ...FrameTerms[]];
    readonly named: Readonly<Record<string, Indicator>>;
    readonly given: unknown;
  };
  readonly handlers: ShortHandlers;
}

/** What a short strategy is made of, for every symbol alike. */
export interface ShortTerms {
  readonly name: string;
  readonly params: unknown;
  readonly behaviour: Behaviour;
  readonly settings: StrategySettings;
  readonly limits: EntryLimits | undefined;
  /** What becomes of entries that rested through a restart. */
  readonly onRestart: 'cancel' | 'keep';
  readonly onStopping: StoppingChoice;
}
