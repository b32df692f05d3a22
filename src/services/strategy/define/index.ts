export {
  defineStrategy,
  type IndicatorFactory,
  type Parameters,
  type ParameterValues,
  type StrategySpec,
} from './define-strategy.js';
export {
  choice,
  duration,
  flag,
  int,
  number,
  percent,
  type Bounds,
  type Parameter,
  type PercentBounds,
} from './strategy-parameters.js';
export type {
  AddOrder,
  EitherOrders,
  ExitChange,
  StrategyMarket,
  ReduceOrder,
  StrategyBar,
  StrategyPosition,
} from './market/market.js';
export type {
  BarContext,
  Duration,
  OwnFillContext,
  FillView,
  OwnOrderContext,
  PortfolioView,
  Schedule,
  StartContext,
  StopContext,
  TimerContext,
} from './market/contexts.js';
export type { LimitTerms, MarketOrders, PlainOrder, PlainSpec, TriggerTerms } from './market/orders.js';
export type { EntryOrder, Exits, Quantity, Sizing } from './entries/entry-order.js';
export {
  chase,
  limit,
  stopEntry,
  type ChaseEntry,
  type Entry,
  type LimitEntry,
  type StopEntry,
} from './entries/entry-kinds.js';
export type { Share } from './share.js';
export type { TakeProfit } from '../exits/take-profit.js';
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
