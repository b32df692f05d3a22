import type { z } from 'zod';
import type { ErrorCode } from '../../src/domain/errors.js';
import { VENUE_SECRETS } from '../../src/ports/configuration/venue-credentials.js';
import { RETIRED_KEYS } from '../schema/aliases.js';
import { shown } from '../schema/fields.js';
import { childOf, keysOf, nodeOf, pathsOf } from '../schema/introspect.js';
import { placeIn, subjectIn, whereIn, type Layer } from './layer.js';
import { looksSecret, type Problems } from './problems.js';
import type { PartialConfig } from '../schema/index.js';
import { nearest, plainName } from '../schema/suggest.js';
import { dotted, isTree, nodeAt, without, type Path, type Tree } from '../schema/tree.js';

export interface ReadLayer {
  readonly layer: Layer;
  readonly values: PartialConfig;
  /** Values that were refused, by dotted path: later checks must not judge what takes their place. */
  readonly refused: ReadonlySet<string>;
}

/** Reads one layer. What is wrong in it is reported and left out, so that the rest can still be judged. */
export function readLayer(layer: Layer, problems: Problems, schema: z.ZodType): ReadLayer {
  const tree = withPlainSections(schema, layer.tree) as Tree;
  const first = schema.safeParse(tree);
  if (first.success) return { layer, values: first.data as PartialConfig, refused: new Set() };
  const refused: Path[] = [];
  for (const issue of first.error.issues) refused.push(...report(layer, issue, problems, schema));
  const second = schema.safeParse(without(tree, refused));
  return { layer, values: second.success ? (second.data as PartialConfig) : {}, refused: new Set(refused.map(dotted)) };
}

/** Our own value classes are objects, and zod would look into them where a section belongs: there they become text. */
function withPlainSections(schema: z.ZodType, node: unknown): unknown {
  const { kind } = nodeOf(schema);
  if (kind !== 'section' && kind !== 'map') return node;
  // A section whose lines are all commented out says nothing.
  if (node === null) return {};
  if (!isTree(node)) return typeof node === 'object' && !Array.isArray(node) ? 'a value' : node;
  return Object.fromEntries(
    Object.keys(node).map((key) => {
      const child = childOf(schema, key);
      return [key, child === undefined ? node[key] : withPlainSections(child, node[key])];
    }),
  );
}

const SECRET = `Take it out, and set ${VENUE_SECRETS.apiKey} or ${VENUE_SECRETS.apiKey}_FILE (…_API_SECRET likewise), or write file: PATH below it.`;

/** Reports one issue; returns the paths it is about. */
function report(layer: Layer, issue: z.core.$ZodIssue, problems: Problems, schema: z.ZodType): Path[] {
  const path = issue.path as Path;
  if (issue.code === 'unrecognized_keys') {
    for (const key of issue.keys) reportUnknown(layer, [...path, key], problems, schema);
    return issue.keys.map((key) => [...path, key]);
  }
  const where = whereIn(layer, path);
  const subject = subjectIn(layer, path);
  if (issue.code === 'custom') {
    const { code, fix } = issue.params as { readonly code: ErrorCode; readonly fix: string };
    const secret = path.some((key) => looksSecret(String(key)));
    problems.add(code, `${subject} ${secret ? issue.message.replace(/, was .*/, '.') : issue.message}`, { where, fix });
    return [path];
  }
  if (path.some((key) => looksSecret(String(key)))) {
    // Whatever stands there, it may be the secret itself.
    problems.add('CFG-002', `${subject} must say where the secret is read, and not what it is.`, {
      where,
      fix: SECRET,
    });
    return [path];
  }
  const node = nodeAt(layer.tree, path);
  const list = issue.code === 'too_small' || (issue.code === 'invalid_type' && issue.expected === 'array');
  const wanted = issue.code === 'too_small' ? 'name at least one' : list ? 'be a list' : 'be a section of keys';
  problems.add('CFG-002', `${subject} must ${wanted}, was ${issue.code === 'too_small' ? 'empty' : shown(node)}.`, {
    where,
    fix: list
      ? `Write a list, for example ${String(path.at(-1))}: [A, B].`
      : `Write its keys below it, indented${layer.kind === 'env' ? ', in the file, or as SYMBOL:value,SYMBOL:value' : ''}.`,
  });
  return [path];
}

function reportUnknown(layer: Layer, path: Path, problems: Problems, schema: z.ZodType): void {
  const key = String(path.at(-1));
  const parent = path.slice(0, -1);
  const where = placeIn(layer, path) ?? whereIn(layer, path);
  const known = keysOf(schemaAt(schema, parent) ?? schema);
  const elsewhere = [...pathsOf(schema)];
  const place = parent.length === 0 ? '' : ` in ${dotted(parent)}`;
  const sameHere = known.find((candidate) => plainName(candidate) === plainName(key));
  const retired = sameHere === undefined ? RETIRED_KEYS[plainName(key)] : undefined;
  if (retired !== undefined) {
    problems.add('CFG-004', `Key "${key}"${place} is retired.`, { where, fix: `Use ${retired}.` });
    return;
  }
  const moved =
    sameHere === undefined
      ? elsewhere.find((candidate) => plainName(candidate.split('.').at(-1) ?? '') === plainName(key))
      : undefined;
  const meant =
    sameHere ??
    moved ??
    nearest(key, known) ??
    nearest(
      key,
      elsewhere.map((candidate) => candidate.split('.').at(-1) ?? ''),
    );
  const fix =
    meant === undefined
      ? `Remove it; the keys here are ${known.join(', ')}.`
      : meant === moved
        ? `Move it to "${moved}".`
        : `Rename it to "${meant}".`;
  problems.add('CFG-001', `Unknown key "${key}"${place}${meant === undefined ? '.' : `; did you mean "${meant}"?`}`, {
    where,
    fix,
  });
}

const schemaAt = (schema: z.ZodType, path: Path): z.ZodType | undefined =>
  path.reduce<z.ZodType | undefined>((node, key) => node && childOf(node, String(key)), schema);
