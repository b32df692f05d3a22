import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';

export const churn: StrategyDefinition;
