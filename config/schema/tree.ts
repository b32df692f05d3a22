/** A number as somebody wrote it. Its text is kept, so that money never passes through a double. */
export class NumberText {
  constructor(readonly text: string) {}
}

/** Text whose type only the schema knows: environment variables and command line flags. */
export class UntypedText {
  constructor(readonly text: string) {}
}

export type Tree = { [key: string]: unknown };
export type Path = readonly (string | number)[];

export const dotted = (path: Path): string => path.join('.');

/** Keys that would reach an object's prototype instead of the configuration. */
const POISONED = new Set(['__proto__', 'constructor', 'prototype']);
export const isPoisoned = (key: string): boolean => POISONED.has(key);

export const isTree = (value: unknown): value is Tree => {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null;
};

/** Every value that is not a section, with its path. A list is one value. */
export function* leavesOf(node: unknown, path: Path = []): Generator<readonly [Path, unknown]> {
  if (!isTree(node)) {
    yield [path, node];
    return;
  }
  for (const key of Object.keys(node)) yield* leavesOf(node[key], [...path, key]);
}

export function nodeAt(node: unknown, path: Path): unknown {
  let current: unknown = node;
  for (const key of path) {
    if (Array.isArray(current)) current = current[Number(key)];
    else current = isTree(current) && Object.hasOwn(current, String(key)) ? current[String(key)] : undefined;
  }
  return current;
}

/** Sets a value, making the sections on the way. A value in the way of a section is replaced. */
export function put(tree: Tree, path: readonly string[], value: unknown): void {
  let section = tree;
  path.forEach((key, index) => {
    if (index === path.length - 1) {
      section[key] = value;
      return;
    }
    const next = section[key];
    section = isTree(next) ? next : (section[key] = {});
  });
}

/** A copy without the values at these paths. An element of a list takes the whole list with it. */
export function without(tree: Tree, paths: readonly Path[]): Tree {
  const copy = copyOf(tree);
  for (const path of paths) {
    const end = path.findIndex((key) => typeof key === 'number');
    const target = end === -1 ? path : path.slice(0, end);
    const section = nodeAt(copy, target.slice(0, -1));
    if (isTree(section)) Reflect.deleteProperty(section, String(target.at(-1)));
  }
  return copy;
}

/** Later layers win value by value; sections and maps merge, lists are replaced whole. */
export function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over;
  const result: Tree = { ...base };
  for (const key of Object.keys(over)) {
    if (over[key] !== undefined) result[key] = Object.hasOwn(result, key) ? merge(result[key], over[key]) : over[key];
  }
  return result;
}

/** Freezes sections and lists; decimals are values already. */
export function freeze<T>(node: T): T {
  if (Array.isArray(node)) node.forEach(freeze);
  else if (isTree(node)) Object.values(node).forEach(freeze);
  else return node;
  return Object.freeze(node);
}

/** A copy down to the values, which are shared. */
export function copyOf<T>(node: T): T {
  if (Array.isArray(node)) return node.map(copyOf) as T;
  if (!isTree(node)) return node;
  return Object.fromEntries(Object.keys(node).map((key) => [key, copyOf(node[key])])) as T;
}
