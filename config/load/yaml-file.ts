import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Node, type Pair, type YAMLMap } from 'yaml';
import type { Layer } from './layer.js';
import type { Problems } from './problems.js';
import { dotted, isPoisoned, NumberText, type Path, type Tree } from '../schema/tree.js';

/**
 * Reads YAML, and JSON as a part of it. Numbers keep their text, every value its place. Syntax errors, repeated keys,
 * aliases and tags are problems: none of them can be read in two ways.
 */
export function parseFile(
  text: string,
  name: string,
  kind: 'profile' | 'file',
  problems: Problems,
  under: Path = [],
): Layer {
  const reader = new FileReader(text, name, problems);
  return { kind, tree: reader.read(under), places: reader.places };
}

class FileReader {
  readonly places = new Map<string, string>();
  private readonly lines = new LineCounter();

  constructor(
    private readonly text: string,
    private readonly name: string,
    private readonly problems: Problems,
  ) {}

  read(under: Path): Tree {
    const document = parseDocument(this.text, {
      lineCounter: this.lines,
      prettyErrors: false,
      schema: 'core',
      merge: false,
    });
    for (const error of [...document.errors, ...document.warnings]) {
      this.problems.add('CFG-002', `Not valid YAML: ${error.message}.`, {
        where: this.placeAt(error.pos[0]),
        fix: 'Correct the line; indentation, quotes and brackets must match.',
      });
    }
    if (document.errors.length > 0 || document.contents === null) return {};
    if (isScalar(document.contents) && document.contents.value === null) return {};
    if (!isMap(document.contents)) {
      this.problems.add('CFG-002', 'The file must hold keys with values.', {
        where: `${this.name}:1:1`,
        fix: 'Write lines such as "profile: demo".',
      });
      return {};
    }
    let tree = this.section(document.contents, under);
    for (const key of [...under].reverse()) tree = { [String(key)]: tree };
    return tree;
  }

  private section(map: YAMLMap, path: Path): Tree {
    const result: Tree = {};
    for (const pair of map.items as Pair<Node, Node | null>[]) {
      const key = isScalar(pair.key) ? (pair.key.source ?? String(pair.key.value)) : undefined;
      const where = this.placeAt(pair.key.range?.[0] ?? 0);
      if (key === undefined || key === '' || isPoisoned(key)) {
        this.problems.add(
          'CFG-001',
          `Key ${key === undefined ? 'of this line' : `"${dotted([...path, key])}"`} is not allowed.`,
          { where, fix: 'Remove it.' },
        );
        continue;
      }
      const inner = [...path, key];
      this.places.set(dotted(inner), where);
      result[key] = this.value(pair.value, inner);
    }
    return result;
  }

  private value(node: Node | null, path: Path): unknown {
    if (node === null) return null;
    if (isAlias(node) || (node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:'))) {
      this.problems.add('CFG-002', `${dotted(path)} must be written out; aliases and tags are not read.`, {
        where: this.placeAt(node.range?.[0] ?? 0),
        fix: 'Write the value itself.',
      });
      return undefined;
    }
    if (isMap(node)) return this.section(node, path);
    if (isSeq(node)) {
      return node.items.map((item, index) => {
        const inner = [...path, index];
        const range = (item as Node).range;
        if (range) this.places.set(dotted(inner), this.placeAt(range[0]));
        return this.value(item as Node, inner);
      });
    }
    if (!isScalar(node)) return null;
    return typeof node.value === 'number' ? new NumberText(node.source ?? String(node.value)) : node.value;
  }

  private placeAt(offset: number): string {
    const { line, col } = this.lines.linePos(offset);
    return `${this.name}:${String(line)}:${String(col)}`;
  }
}
