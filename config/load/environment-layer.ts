import type { z } from 'zod';
import { VENUE_SECRETS } from '../../src/ports/configuration/venue-credentials.js';
import { ALIASES, RETIRED_VARIABLES, RISK_FILE, retiredVariable, type Alias } from '../schema/aliases.js';
import { expand } from './expand.js';
import { childOf, keysOf, nodeOf, pathsOf } from '../schema/introspect.js';
import type { Layer } from './layer.js';
import type { Problems } from './problems.js';
import type { Environment } from './sources.js';
import { nearest, plainName } from '../schema/suggest.js';
import { isPoisoned, leavesOf, nodeAt, put, UntypedText, type Tree } from '../schema/tree.js';

const PREFIX = 'PERPSBOT__';
/** Prefixes under which every name is ours: a misspelt limit must not be no limit. */
const OWNED = ['RISK_', 'PERPS_', 'PERPSBOT_VENUE_API_'];

/** Secrets are read where they are needed and stand in no configuration; that they are misspelt is said here. */
const SECRETS = Object.values(VENUE_SECRETS).flatMap((name) => [name, `${name}_FILE`]);

/** The variables this program reads; the rest of an environment is not its business. */
export function ownVariables(env: Environment, schema: z.ZodType): Record<string, string> {
  const own = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && isOwn(entry[0], schema),
  );
  return Object.fromEntries(own.sort(([a], [b]) => (a < b ? -1 : 1)));
}

const isOwn = (name: string, schema: z.ZodType): boolean =>
  !SECRETS.includes(name) &&
  (name.toUpperCase().startsWith(PREFIX) ||
    nearMiss(name, schema) !== undefined ||
    Object.hasOwn(ALIASES, name) ||
    retiredVariable(name) !== undefined ||
    OWNED.some((prefix) => name.startsWith(prefix)));

/** The profile that the environment names, if it does. */
export const profileVariable = (env: Environment): string | undefined =>
  Object.entries(env).find(([name]) => name.toUpperCase() === `${PREFIX}PROFILE`)?.[1];

/** Reads `PERPSBOT__A__B` and the reference's names. Unknown and retired names, and two that disagree, are problems. */
export function environmentLayer(
  env: Environment,
  profile: string,
  problems: Problems,
  warnings: string[],
  schema: z.ZodType,
): Layer {
  const reader = new EnvironmentReader(profile, problems, warnings, schema);
  for (const [name, value] of Object.entries(ownVariables(env, schema))) reader.read(name, value);
  return { kind: 'env', tree: reader.tree, places: reader.places };
}

class EnvironmentReader {
  readonly tree: Tree = {};
  readonly places = new Map<string, string>();

  constructor(
    private readonly profile: string,
    private readonly problems: Problems,
    private readonly warnings: string[],
    private readonly root: z.ZodType,
  ) {}

  read(name: string, value: string): void {
    if (name === RISK_FILE) return;
    const retired = retiredVariable(name);
    const alias = ALIASES[name];
    const near = nearMiss(name, this.root);
    if (retired !== undefined) this.refuse('CFG-004', name, `${name} is retired.`, retired);
    else if (near !== undefined) this.refuse('CFG-001', name, `Unknown variable ${name}.`, remedy(near));
    else if (name.toUpperCase().startsWith(PREFIX)) this.readPath(name, value);
    else if (alias !== undefined) this.readAlias(name, value, alias);
    else
      this.refuse(
        'CFG-001',
        name,
        `Unknown variable ${name}.`,
        remedy(nearest(name, [...Object.keys(ALIASES), ...Object.keys(RETIRED_VARIABLES), ...SECRETS])),
      );
  }

  private readPath(name: string, value: string): void {
    const path: string[] = [];
    let schema = this.root;
    for (const segment of name.slice(PREFIX.length).split('__')) {
      const key = keyFor(schema, segment);
      const child = key === undefined || isPoisoned(key) ? undefined : childOf(schema, key);
      if (key === undefined || child === undefined) {
        const close = nearest(segment, keysOf(schema));
        this.refuse(
          'CFG-001',
          name,
          `Unknown variable ${name}.`,
          remedy(close === undefined ? undefined : variableFor([...path, close])),
        );
        return;
      }
      path.push(key);
      schema = child;
    }
    this.set(name, path, schema, new UntypedText(value));
  }

  private readAlias(name: string, value: string, alias: Alias): void {
    let text = value;
    if (alias.means !== undefined) {
      if (value !== 'true' && value !== 'false') {
        this.refuse(
          'CFG-002',
          name,
          `${name} must be true or false, was ${JSON.stringify(value)}.`,
          'Write true or false.',
        );
        return;
      }
      const meaning = alias.means[value];
      if (alias.profile !== undefined && alias.profile !== this.profile) {
        if (value === 'true')
          this.warnings.push(
            `environment variable ${name}: has no effect in profile ${this.profile}, only in ${alias.profile}.`,
          );
        return;
      }
      if (meaning === undefined) return;
      text = meaning;
    }
    if (alias.unit !== undefined && /^-?\d+(\.\d+)?$/.test(text)) text += alias.unit;
    if (alias.root === true && !text.split(/[\\/]/).includes('perps_bot'))
      text = `${text.replace(/[\\/]+$/, '')}/perps_bot/${this.profile}`;
    const path = alias.path.split('.');
    const schema = path.reduce<z.ZodType | undefined>((node, key) => node && childOf(node, key), this.root);
    if (schema !== undefined) this.set(name, path, schema, new UntypedText(text));
  }

  private set(name: string, path: readonly string[], schema: z.ZodType, value: UntypedText): void {
    const expanded = expand(schema, value);
    for (const [inner, leaf] of leavesOf(expanded, path)) {
      const key = inner.join('.');
      const earlier = this.places.get(key);
      if (earlier !== undefined && textOf(nodeAt(this.tree, inner)) !== textOf(leaf)) {
        this.refuse(
          'CFG-006',
          name,
          `${earlier} and ${name} both set ${key}, to different values.`,
          'Keep one of them.',
        );
        return;
      }
      this.places.set(key, name);
      put(this.tree, inner.map(String), leaf);
    }
    if (nodeOf(schema).kind === 'section') this.places.set(path.join('.'), name);
  }

  private refuse(
    code: 'CFG-001' | 'CFG-002' | 'CFG-004' | 'CFG-006',
    name: string,
    message: string,
    fix: string,
  ): void {
    this.problems.add(code, message, { where: `environment variable ${name}`, fix });
  }
}

/** The variable that was meant where sections are joined by one underscore instead of two. */
function nearMiss(name: string, schema: z.ZodType): string | undefined {
  if (!/^PERPSBOT_(?!_)/i.test(name)) return undefined;
  const names = [...SECRETS, ...[...pathsOf(schema)].map((path) => variableFor(path.split('.')))];
  return names.find((variable) => plainName(variable) === plainName(name));
}

const remedy = (close: string | undefined): string =>
  close === undefined ? 'Remove it, or see the configuration reference for the names.' : `Did you mean ${close}?`;

const textOf = (leaf: unknown): string =>
  Array.isArray(leaf) ? leaf.map(textOf).join(',') : leaf instanceof UntypedText ? leaf.text : '';

/** The key a segment stands for: `MAX_LEVERAGE` is maxLeverage, and under a map of symbols `BTC_PERP` is BTC-PERP. */
function keyFor(schema: z.ZodType, segment: string): string | undefined {
  const node = nodeOf(schema);
  if (node.kind === 'map') {
    return node.keys === 'symbols'
      ? segment.toUpperCase().replaceAll('_', '-')
      : segment.toLowerCase().replace(/_+(\w)/g, (_, letter: string) => letter.toUpperCase());
  }
  return keysOf(schema).find((key) => plainName(key) === plainName(segment));
}

/** `risk.maxLeverage` as PERPSBOT__RISK__MAX_LEVERAGE. */
export const variableFor = (path: readonly string[]): string =>
  PREFIX +
  path
    .map((key) =>
      key
        .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
        .replaceAll('-', '_')
        .toUpperCase(),
    )
    .join('__');
