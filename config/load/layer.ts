import { dotted, isPoisoned, isTree, NumberText, UntypedText, type Path, type Tree } from '../schema/tree.js';
import type { Problems } from './problems.js';

/** Who said a value: the layer's kind, and for the environment the variable's name. */
export type Origin = 'default' | 'profile' | 'file' | `env:${string}` | 'override';

/** One source of values. */
export interface Layer {
  readonly kind: 'default' | 'profile' | 'file' | 'env' | 'override';
  readonly tree: Tree;
  /** `file:line:column`, or the variable's name, by dotted path. */
  readonly places: ReadonlyMap<string, string>;
}

export function originOf(layer: Layer, path: Path): Origin {
  return layer.kind === 'env' ? `env:${placeIn(layer, path) ?? 'unknown'}` : layer.kind;
}

/** The nearest place known: the value's own, or that of a section around it. */
export function placeIn(layer: Layer, path: Path): string | undefined {
  for (let length = path.length; length > 0; length--) {
    const place = layer.places.get(dotted(path.slice(0, length)));
    if (place !== undefined) return place;
  }
  return undefined;
}

/** The place as an error shows it. */
export function whereIn(layer: Layer, path: Path): string | undefined {
  const place = placeIn(layer, path);
  if (layer.kind === 'env') return place === undefined ? 'environment' : `environment variable ${place}`;
  return place ?? (layer.kind === 'override' ? `override ${dotted(path)}` : undefined);
}

/** A value as messages name it. */
export const subjectIn = (layer: Layer, path: Path): string => {
  const variable = layer.kind === 'env' ? placeIn(layer, path) : undefined;
  return variable === undefined ? dotted(path) : `${variable} (${dotted(path)})`;
};

/** Values of the program itself: they need no place. */
export const builtInLayer = (tree: Tree): Layer => ({
  kind: 'default',
  tree: fromObject(tree, 'typed'),
  places: new Map(),
});

/**
 * An object a host hands over. `typed` text is text; `untyped` text is what a command line gives, whose type the schema
 * knows. Keys without a value are absent.
 */
export function objectLayer(
  kind: 'file' | 'override',
  object: Tree,
  strings: 'typed' | 'untyped',
  problems: Problems,
): Layer {
  const places = new Map<string, string>();
  const tree = fromObject(object, strings, (path) => {
    problems.add('CFG-001', `Key "${dotted(path)}" is not allowed.`, { where: kind, fix: 'Remove it.' });
  });
  return { kind, tree, places };
}

function fromObject(object: Tree, strings: 'typed' | 'untyped', refuse?: (path: Path) => void): Tree {
  const read = (value: unknown, path: Path): unknown => {
    if (typeof value === 'number') return new NumberText(Number.isFinite(value) ? plainText(value) : String(value));
    if (typeof value === 'string') return strings === 'untyped' ? new UntypedText(value) : value;
    if (Array.isArray(value)) return value.map((item, index) => read(item, [...path, index]));
    if (!isTree(value)) return value;
    const section: Tree = {};
    for (const key of Object.keys(value)) {
      if (isPoisoned(key)) refuse?.([...path, key]);
      else if (value[key] !== undefined) section[key] = read(value[key], [...path, key]);
    }
    return section;
  };
  return read(object, []) as Tree;
}

/** A double in plain decimals: 1e-7 is 0.0000001. */
function plainText(value: number): string {
  const text = String(value);
  return text.includes('e') ? value.toFixed(20).replace(/\.?0+$/, '') : text;
}
