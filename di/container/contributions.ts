import { BackgroundTask, Lifecycle, StatusSource } from '../../src/ports/market-services/lifecycle.js';
import { StrategyDefinition } from '../../src/ports/core-services/strategy.js';

/** Tokens that collect from every phase and from the host. They take more members and lose none. */
export const CONTRIBUTIONS: ReadonlySet<unknown> = new Set<symbol>([
  Lifecycle,
  BackgroundTask,
  StatusSource,
  StrategyDefinition,
]);
