import { fault } from '../../../domain/errors.js';
import type { StrategySettings } from '../../../ports/configuration/settings/strategy-settings.js';
import type { ParameterRange, Strategy, StrategyDefinition } from '../../../ports/core-services/strategy.js';
import type { StoppingChoice } from '../../../ports/strategy/event-strategy.js';
import { given } from '../indicators/indicator.js';
import { Indicator, indicators, type Indicators } from '../indicators/index.js';
import { assertKnownParameters } from '../parameters.js';
import { refusing } from '../refusing.js';
import { DefinedStrategy } from './defined-strategy.js';
import type { FrameTerms } from './frames.js';
import type {
  BarContext,
  OwnFillContext,
  OwnOrderContext,
  Schedule,
  StartContext,
  StopContext,
  TimerContext,
} from './market/contexts.js';
import { scheduleOf } from './market/schedules.js';
import type { Behaviour, ShortHandler, ShortHandlers } from './short-terms.js';
import type { Parameter } from './strategy-parameters.js';
import { assertTimeframe } from './timeframe.js';
import { valuesPerBar } from './values-per-bar.js';

export type Parameters = Readonly<Record<string, Parameter<unknown>>>;
export type ParameterValues<P extends Parameters> = {
  readonly [K in keyof P]: P[K] extends Parameter<infer T> ? T : never;
};

/** Makes indicators of this strategy; each is fed every finished bar. `use` takes one of your own. */
export type IndicatorFactory = Indicators & { readonly use: <I extends Indicator>(indicator: I) => I };

/** A strategy in its short form. */
export interface StrategySpec<P extends Parameters, I> {
  readonly name: string;
  /**
   * Length of a bar, such as `15m`; a function where a parameter chooses it; absent: every value of the series is one.
   */
  readonly timeframe?: string | ((params: ParameterValues<P>) => string);
  readonly params?: P;
  /** What becomes of its entries that rested through a restart. Default `cancel`: bars have passed. */
  readonly onRestart?: 'cancel' | 'keep';
  /** How it goes down with the bot. Default `protect`: entries end, the position stays with its stop. */
  readonly onStopping?: StoppingChoice;
  /** Once for each symbol. `on('4h')` makes indicators of another timeframe. */
  setup?(tools: {
    readonly params: ParameterValues<P>;
    readonly ind: IndicatorFactory;
    readonly on: (timeframe: string) => IndicatorFactory;
  }): I;
  /**
   * Once for each finished bar, when every indicator is ready and nothing keeps the symbol from being decided on. What
   * it enters at market, and what it closes, becomes the decision of the step.
   */
  onBar?(context: BarContext<ParameterValues<P>>, indicators: I): void;
  /** By schedule (UTC), as `onBar`: when every indicator is ready, and not while the gate is `halted`. */
  readonly every?: { readonly [when in Schedule]?: (context: BarContext<ParameterValues<P>>, indicators: I) => void };
  /** Once, before anything of the market: what rested through a restart stands in `restart`, else that is undefined. */
  onStart?(context: StartContext<ParameterValues<P>>, indicators: I): void;
  /** An own fill, once the position has it: of the verbs, of orders by themselves, and of the exits (`ticket.role`). */
  onFill?(context: OwnFillContext<ParameterValues<P>>, indicators: I): void;
  /** What became of an own order, after `onFill` of the same fill. A refusal is in hand, and is not told again. */
  onOrder?(context: OwnOrderContext<ParameterValues<P>>, indicators: I): void;
  /** What `after` set is due. */
  onTimer?(context: TimerContext<ParameterValues<P>>, indicators: I): void;
  /** `gate` has changed. */
  onGate?(context: BarContext<ParameterValues<P>>, indicators: I): void;
  /** The bot is going down; entries have been asked to end, and only what reduces is sent. */
  onStop?(context: StopContext<ParameterValues<P>>, indicators: I): void;
}

/** Handlers of the short form; a strategy has at least one. */
const HANDLERS = ['onStart', 'onBar', 'onFill', 'onOrder', 'onTimer', 'onGate', 'onStop'] as const;
type HandlerName = (typeof HANDLERS)[number] | 'every';
/** A strategy that is never told anything is none. */
type Told<S> = { readonly [K in HandlerName & keyof S]: Required<Pick<S, K>> }[HandlerName & keyof S];

const PARAMS = refusing('params');
const NAME = /^[a-z][a-z0-9-]*$/;

/** Makes a strategy of its short form. Throws STRAT-001 for a form that cannot be carried out. */
export function defineStrategy<const P extends Parameters = Record<string, never>, I = unknown>(
  spec: StrategySpec<P, I> & Told<StrategySpec<P, I>>,
): StrategyDefinition {
  const { name, params = {} as P } = spec;
  if (typeof name !== 'string' || !NAME.test(name))
    throw fault(
      'STRAT-001',
      `Name of a strategy must be small letters, digits and dashes, was ${JSON.stringify(name)}.`,
    );
  assertParts(name, spec);
  const { timeframe } = spec;
  const timeframeMs = typeof timeframe === 'string' ? assertTimeframe(name, timeframe) : undefined;
  const timeframeFor = (values: ParameterValues<P>): number | undefined =>
    typeof timeframe === 'function' ? assertTimeframe(name, timeframe(values)) : timeframeMs;
  const names = Object.keys(params);
  const valuesOf = (settings: StrategySettings): ParameterValues<P> => {
    assertKnownParameters(name, settings.params, names);
    const values = Object.create(PARAMS) as Record<string, unknown>;
    for (const [key, parameter] of Object.entries<Parameter<unknown>>(params))
      values[key] = valueOf(parameter, settings.params[key], key);
    return Object.freeze(values) as ParameterValues<P>;
  };
  const behaviourOf = (values: ParameterValues<P>): Behaviour => ({
    setup: () => equip(name, timeframeFor(values), (ind, on) => spec.setup?.({ params: values, ind, on })),
    handlers: handlersOf(spec),
  });
  const lookbackOf = (behaviour: Behaviour, intervalMs: number | undefined): number => {
    const { frames } = behaviour.setup();
    return Math.max(...frames.map((frame) => valuesOfFrame(name, frame, intervalMs ?? frames[0].ms)));
  };
  return {
    name,
    parameters: names,
    ranges: Object.fromEntries(
      Object.entries<Parameter<unknown>>(params).map(([key, { range }]): [string, ParameterRange] => [key, range]),
    ),
    ...(timeframeMs === undefined ? {} : { timeframeMs }),
    ...(typeof timeframe === 'function' ? { timeframeFor: (settings) => timeframeFor(valuesOf(settings)) } : {}),
    lookback: (settings, intervalMs) => lookbackOf(behaviourOf(valuesOf(settings)), intervalMs),
    warmUp: (settings) =>
      behaviourOf(valuesOf(settings))
        .setup()
        .frames.map((frame) => ({ ms: frame.ms, bars: barsOfFrame(frame) })),
    sizesWithin: true,
    create: (settings, intervalMs, limits): Strategy => {
      const values = valuesOf(settings);
      const behaviour = behaviourOf(values);
      const { onRestart = 'cancel', onStopping = 'protect' } = spec;
      return new DefinedStrategy(name, lookbackOf(behaviour, intervalMs), {
        ...{ name, params: values, behaviour, settings, limits, onRestart, onStopping },
      });
    },
  };
}

/** Plain JavaScript may hand over anything. */
function assertParts(name: string, spec: object): void {
  const parts = spec as Readonly<Record<string, unknown>>;
  for (const part of ['setup', ...HANDLERS])
    if (parts[part] !== undefined && typeof parts[part] !== 'function')
      throw fault('STRAT-001', `${name} must have a function ${part}, was ${typeof parts[part]}.`);
  const { every = {} } = parts as { readonly every?: Readonly<Record<string, unknown>> };
  for (const [when, handler] of Object.entries(every)) {
    scheduleOf(when);
    if (typeof handler !== 'function')
      throw fault('STRAT-001', `${name} must have a function for every ${when}, was ${typeof handler}.`);
  }
  if (HANDLERS.some((part) => parts[part] !== undefined) || Object.keys(every).length > 0) return;
  throw fault('STRAT-001', `${name} must have a function onBar, or another handler, was undefined.`);
}

/** Called as they were written: as methods of the form. */
function handlersOf(spec: object): ShortHandlers {
  const parts = spec as Readonly<Record<string, ShortHandler | undefined>>;
  const told = HANDLERS.flatMap((part): readonly (readonly [string, ShortHandler])[] =>
    parts[part] === undefined ? [] : [[part, (context, given) => parts[part]?.call(spec, context, given)]],
  );
  const { every = {} } = spec as { readonly every?: Readonly<Record<string, ShortHandler>> };
  return { ...(Object.fromEntries(told) as Omit<ShortHandlers, 'every'>), every };
}

const valueOf = (
  parameter: Parameter<unknown>,
  given: StrategySettings['params'][string] | undefined,
  name: string,
): unknown => (given === undefined ? parameter.initial : parameter.read(given, name));

/** Values of the series that the indicators of a timeframe look back on. */
function valuesOfFrame(name: string, { ms, all }: FrameTerms, intervalMs: number | undefined): number {
  const perBar = ms === undefined || intervalMs === undefined ? 1 : valuesPerBar(name, ms, intervalMs);
  const bars = barsOfFrame({ all });
  // The bar under way when it starts is not whole, and is left out.
  return perBar === 1 ? bars : (bars + 1) * perBar;
}

const barsOfFrame = ({ all }: Pick<FrameTerms, 'all'>): number =>
  Math.max(1, ...all.map((indicator) => indicator.warmUp));

/** Runs a setup with factories that remember what they made, each for its timeframe. */
function equip(
  name: string,
  ownMs: number | undefined,
  setup: (ind: IndicatorFactory, on: (timeframe: string) => IndicatorFactory) => unknown,
): ReturnType<Behaviour['setup']> {
  const own: Frame = { text: undefined, ms: ownMs, all: [] };
  const others = new Map<number, Frame>();
  const on = (text: string): IndicatorFactory => {
    const ms = assertTimeframe(name, text);
    if (ms === ownMs) return factoryOf(own.all);
    let frame = others.get(ms);
    if (frame === undefined) others.set(ms, (frame = { text, ms, all: [] }));
    return factoryOf(frame.all);
  };
  const returned = setup(factoryOf(own.all), on);
  if (returned instanceof Promise)
    throw fault('STRAT-001', `setup of ${name} must return its indicators at once, was a promise.`);
  const named =
    typeof returned === 'object' && returned !== null
      ? Object.fromEntries(
          Object.entries(returned).filter((entry): entry is [string, Indicator] => entry[1] instanceof Indicator),
        )
      : {};
  return { frames: [own, ...others.values()], named, given: returned };
}

interface Frame extends FrameTerms {
  readonly all: Indicator[];
}

function factoryOf(all: Indicator[]): IndicatorFactory {
  const use = <I extends Indicator>(indicator: I): I => {
    all.push(indicator);
    return indicator;
  };
  const made = Object.entries(indicators).map(([key, make]) => [
    key,
    (...settings: never[]) => use(given((make as (...settings: never[]) => Indicator)(...settings))),
  ]);
  return { ...(Object.fromEntries(made) as Indicators), use };
}
