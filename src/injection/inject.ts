import { inject as injectUntyped, multiInject as multiInjectUntyped } from 'inversify';
import type { Token } from './token.js';

type ParameterDecoratorFor<T> = <C extends abstract new (...args: never[]) => unknown, I extends number>(
  target: T extends ConstructorParameters<C>[I] ? C : never,
  key: undefined,
  index: I,
) => void;

/** Inversify's `@inject`, checked: a parameter of another type than the token's does not compile. */
export function inject<T>(id: Token<T>): ParameterDecoratorFor<T> {
  return injectUntyped(id);
}

/** Collects every binding of a contribution token, in binding order. */
export function injectAll<T>(id: Token<T>): ParameterDecoratorFor<T[]> {
  return multiInjectUntyped(id);
}
