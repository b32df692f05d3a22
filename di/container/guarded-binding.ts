import type {
  BindingConstraints,
  BindingIdentifier,
  BindToFluentSyntax,
  Container,
  MapToResolvedValueInjectOptions,
  Newable,
  ServiceIdentifier,
} from 'inversify';

/** Binds in another container what was bound here, so that it can be planned there. */
type Recipe = (container: Container, id: symbol) => void;

/** One binding of a bot's container, as it was made. */
export interface MadeBinding {
  readonly id: number;
  /** Whom it follows, when it was made with `toService`. */
  readonly alias?: ServiceIdentifier;
  /** Absent where nothing can be said of what it takes: constants, dynamic values, factories. */
  readonly recipe?: Recipe;
}

/** What the container wants to know of its bindings. */
export interface BindingKeeper {
  /** Throws when bindings must not be made or changed any more. */
  assertOpen(): void;
  /** Runs a call of Inversify's, with errors of ours. */
  readonly attempt: <R>(call: () => R) => R;
  made(binding: MadeBinding): void;
  /** Somebody takes the binding's object down, a child that would unbind it: throws, because it is not the child's. */
  deactivated(): void;
  /** Somebody plans with one of the bindings: whoever it is, and before anything is activated. Throws to forbid it. */
  planned(constraints: BindingConstraints): void;
}

type Method = (...args: unknown[]) => object;
interface Syntax {
  getIdentifier(): BindingIdentifier;
}

const CHAINED = ['inSingletonScope', 'inTransientScope', 'inRequestScope', 'onActivation'] as const;

/**
 * Watches what is said about a binding after it was made, also by somebody who kept the syntax for later. Every `when…`
 * of Inversify's goes through `when`; so the one place suffices for each of them.
 */
function watched<S extends object>(syntax: S, keeper: BindingKeeper): S {
  const methods = syntax as Record<string, Method | undefined>;
  const through = (name: string, change: (args: unknown[]) => unknown[]): void => {
    const method = methods[name];
    if (method === undefined) return;
    methods[name] = (...args) => {
      keeper.assertOpen();
      return watched(
        keeper.attempt<object>(() => Reflect.apply(method, syntax, change(args))),
        keeper,
      );
    };
  };
  for (const name of CHAINED) through(name, (args) => args);
  through('onDeactivation', ([deactivation]) => [
    (value: unknown): unknown => {
      keeper.deactivated();
      return (deactivation as (value: unknown) => unknown)(value);
    },
  ]);
  through('when', ([constraint]) => [
    (constraints: BindingConstraints): boolean => {
      keeper.planned(constraints);
      return (constraint as (constraints: BindingConstraints) => boolean)(constraints);
    },
  ]);
  return syntax;
}

/** Never called: what it takes is planned, not made. */
const nothing = (...needs: unknown[]): unknown => needs;

interface Hooks {
  when(constraint: () => boolean): unknown;
  onDeactivation(deactivation: () => undefined): unknown;
}

/** From the first moment on, whatever the host says later about the binding. */
function install(syntax: Hooks): void {
  syntax.when(() => true);
  try {
    syntax.onDeactivation(() => undefined);
  } catch {
    // A class that is made for another scope is never taken down; the hook stands all the same, should it be changed.
  }
}

/**
 * Inversify's syntax with a keeper. `toService` is a binding of its own that takes the other service once: so that an
 * alias is watched like everything else, and is one object even where it points to a transient service of the host.
 */
export function guarded<T>(
  service: ServiceIdentifier<T>,
  syntax: BindToFluentSyntax<T>,
  keeper: BindingKeeper,
): BindToFluentSyntax<T> {
  const to = (type: Newable<T>) =>
    make(() => syntax.to(type), { recipe: (container, id) => void container.bind(id).to(type) });
  const make = <S extends Syntax>(call: () => S, facts: Omit<MadeBinding, 'id'> = {}): S => {
    keeper.assertOpen();
    const made = watched(keeper.attempt(call), keeper);
    install(made as unknown as Hooks);
    keeper.made({ id: made.getIdentifier().id, ...facts });
    return made;
  };
  const resolved = (factory: (...args: never[]) => T | Promise<T>, needs: readonly unknown[] = []) =>
    make(() => syntax.toResolvedValue(factory as () => T, needs as never), {
      recipe: (container, id) =>
        void container.bind(id).toResolvedValue(nothing, needs as MapToResolvedValueInjectOptions<unknown[]>),
    });
  return {
    to,
    toSelf: () => (typeof service === 'function' ? to(service as Newable<T>) : make(() => syntax.toSelf())),
    toConstantValue: (value) => make(() => syntax.toConstantValue(value)),
    toDynamicValue: (builder) => make(() => syntax.toDynamicValue(builder)),
    toFactory: (factory) => make(() => syntax.toFactory(factory)),
    toResolvedValue: resolved,
    toService: (target) => {
      make(() => syntax.toResolvedValue((value: T) => value, [target] as never).inSingletonScope() as never, {
        alias: target,
        recipe: (container, id) => void container.bind(id).toResolvedValue(nothing, [target]),
      });
    },
  };
}
