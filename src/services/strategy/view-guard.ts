import { fault } from '../../domain/errors.js';

/** Views of a context that are filled in anew, beside it; `bars` gives one. */
const VIEWS: ReadonlySet<string | symbol> = new Set(['bar', 'position']);

/**
 * What one call of a handler is shown, valid until the call is over. Views are filled in anew for every event: who
 * keeps one reads another instant's values. Through a guard it reads nothing, and is told so (STRAT-001). Verbs refuse
 * by themselves. It costs an object for each view of each call: for tests, and for whoever looks for such a fault.
 */
export class ViewGuard {
  private isOver = false;
  private readonly shown = new Map<object, object>();

  constructor(private readonly handler: string) {}

  /** The same view, as long as the call lasts. */
  of<T extends object>(view: T, name: string): T {
    const known = this.shown.get(view);
    if (known !== undefined) return known as T;
    const read = (key: string | symbol): unknown => {
      const isOver = this.isOver && typeof key !== 'symbol';
      if (isOver && !lasts(view, key)) throw this.kept(name, key);
      const value: unknown = Reflect.get(view, key, view);
      if (VIEWS.has(key) && isObject(value)) return this.of(value, String(key));
      const isGiver = key === 'bars' && typeof value === 'function';
      return isGiver ? this.guarded(value as (timeframe: string) => unknown) : value;
    };
    // An object of its own: a proxy of the view would have to give what stands in a property that cannot change.
    const proxy = new Proxy(Object.create(Object.getPrototypeOf(view) as object | null) as T, {
      get: (_target, key) => read(key),
      has: (_target, key) => Reflect.has(view, key),
      ownKeys: () => Reflect.ownKeys(view),
      getOwnPropertyDescriptor: (_target, key) =>
        Object.hasOwn(view, key)
          ? { value: read(key), configurable: true, enumerable: true, writable: false }
          : undefined,
    });
    this.shown.set(view, proxy);
    return proxy;
  }

  /** The call has returned. */
  end(): void {
    this.isOver = true;
  }

  private guarded(bars: (timeframe: string) => unknown): (timeframe: string) => unknown {
    return (timeframe) => {
      const bar = bars(timeframe);
      return isObject(bar) ? this.of(bar, `bars('${timeframe}')`) : bar;
    };
  }

  private kept(name: string, key: string): Error {
    return fault('STRAT-001', `${name} must be read while ${this.handler} runs, was asked for ${key} afterwards.`, {
      why: 'A view is filled in anew for the next event: what is read of it later is of another instant.',
      fix: 'Keep the number, not the view: const { close } = bar.',
    });
  }
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
/** What is the same for every event, or refuses by itself. */
const LASTS: ReadonlySet<string | symbol> = new Set(['symbol', 'instrument', 'params', 'orders']);
const lasts = (view: object, key: string | symbol): boolean =>
  LASTS.has(key) || (key !== 'bars' && key in view && typeof Reflect.get(view, key, view) === 'function');
