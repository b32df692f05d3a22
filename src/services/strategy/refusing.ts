import { fault } from '../../domain/errors.js';
import { nearestName } from './nearest-name.js';

/** What runtimes, printers and tests ask of any object. */
const ASKED_OF_ALL = /^(then|toJSON|toStringTag|inspect|nodeType|tagName|asymmetricMatch|[$@_].*)$/;

/**
 * The end of a chain of prototypes at which a name that nobody has is refused with STRAT-004. JavaScript would say
 * `undefined`, and whatever is compared with that is false without a word. A name that is there never comes this far,
 * and costs nothing. `only` says for which objects of the chain.
 */
export const refusing = (what: string, only: (object: object) => boolean = () => true): object =>
  new Proxy(Object.create(Object.prototype) as object, {
    get(target, key, receiver: object): unknown {
      if (typeof key === 'symbol' || key in target || ASKED_OF_ALL.test(key) || !only(receiver))
        return Reflect.get(target, key, receiver);
      const nearest = nearestName(key, namesOf(receiver));
      throw fault('STRAT-004', `${what} must be asked for what it has, was asked for ${key}.`, {
        fix: nearest === undefined ? `See the strategies page for what ${what} has.` : `Did you mean ${nearest}?`,
      });
    },
  });

function namesOf(object: object): string[] {
  const names: string[] = [];
  for (let at: unknown = object; at !== null && at !== Object.prototype; at = Object.getPrototypeOf(at))
    names.push(...Object.getOwnPropertyNames(at));
  return names.filter((name) => name !== 'constructor');
}
