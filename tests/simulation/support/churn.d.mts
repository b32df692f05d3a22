import type { StrategyDefinition } from '#src/ports/strategy.js';

export const churn: StrategyDefinition;
