export {
  defineStrategy,
  type IndicatorFactory,
  type Parameters,
  type ParameterValues,
  type StrategySpec,
} from './define-strategy.js';
export {
  choice,
  flag,
  int,
  number,
  percent,
  type Bounds,
  type Parameter,
  type PercentBounds,
} from './strategy-parameters.js';
export type { BarContext, StrategyBar, StrategyPosition } from './bar-desk.js';
export type { EntryOrder, Share } from './entry-order.js';
export type { Price } from './price.js';
export {
  r,
  type BreakEven,
  type Distance,
  type MovingExits,
  type R,
  type Timeout,
  type Trail,
} from '../exits/exit-terms.js';
