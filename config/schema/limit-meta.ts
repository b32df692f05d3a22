import type { z } from 'zod';
import { nodeOf } from './introspect.js';

/**
 * Which way a limit becomes tighter; `on` is a check that must not be switched off, `fixed` has no tighter way, and
 * `free` is no limit (or one that the safety state holds on to by itself).
 */
export type Tighter = 'lower' | 'lower, 0 is off' | 'higher' | 'on' | 'fixed' | 'free';

/** What a field is as a limit, beside its type. */
export interface LimitMeta {
  readonly tighter: Tighter;
  /** Must be stated to trade live; a cautious value to begin with, as it is written. */
  readonly required?: string;
  /** In the canary profile, beside that no limit is looser than the profile's own: a ceiling, or the one value. */
  readonly canary?: { readonly atMost: number } | { readonly is: string | boolean };
}

const LIMITS = new WeakMap<z.ZodType, LimitMeta>();

/** The field, map or section, as a limit. What stands inside a section without meta of its own takes the section's. */
export function limit<F extends z.ZodType>(schema: F, meta: LimitMeta): F {
  LIMITS.set(schema, meta);
  return schema;
}

interface Wrapper {
  readonly innerType?: z.ZodType;
  readonly in?: z.ZodType;
}

/** Looks through optional and transforming wrappers. */
export function limitOf(schema: z.ZodType): LimitMeta | undefined {
  for (let at: z.ZodType | undefined = schema; at !== undefined;) {
    const meta = LIMITS.get(at);
    if (meta !== undefined) return meta;
    const { innerType, in: inner } = at.def as unknown as Wrapper;
    at = innerType ?? inner;
  }
  return undefined;
}

/** A key of a section, as files write it and as settings name it. */
export interface Place {
  readonly schema: z.ZodType;
  readonly key: string;
  readonly field: string;
}

/** The keys of a section. Settings bear the unit in their name that the written value lost. */
export function* placesOf(schema: z.ZodType): Generator<Place> {
  const node = nodeOf(schema);
  if (node.kind !== 'section') return;
  for (const [key, child] of Object.entries(node.shape)) {
    const inner = nodeOf(child);
    yield { schema: child, key, field: key + (inner.kind === 'field' ? inner.info.suffix : '') };
  }
}

/** A limit, however deep it stands: its path in files, and in settings. */
export interface LimitPlace {
  readonly path: readonly string[];
  readonly settingsPath: readonly string[];
  readonly meta: LimitMeta;
}

/** Every key that bears meta of its own, in the order of the schema. */
export function* limitsOf(
  schema: z.ZodType,
  path: readonly string[] = [],
  settingsPath: readonly string[] = [],
): Generator<LimitPlace> {
  for (const { schema: child, key, field } of placesOf(schema)) {
    const at = { path: [...path, key], settingsPath: [...settingsPath, field] };
    const meta = limitOf(child);
    if (meta !== undefined) yield { ...at, meta };
    yield* limitsOf(child, at.path, at.settingsPath);
  }
}

/** How the setting at a dotted path tightens: its own way, else its section's; outside limits it is free. */
export function tighterWay(schema: z.ZodType, settingsPath: string): Tighter {
  let way: Tighter = 'free';
  let at: z.ZodType | undefined = schema;
  for (const part of settingsPath.split('.')) {
    const node: ReturnType<typeof nodeOf> | undefined = at === undefined ? undefined : nodeOf(at);
    if (node?.kind === 'section') at = [...placesOf(at as z.ZodType)].find(({ field }) => field === part)?.schema;
    else at = node?.kind === 'map' ? node.value : undefined;
    way = (at === undefined ? undefined : limitOf(at)?.tighter) ?? way;
  }
  return way;
}

const SENTENCES: Readonly<Record<Tighter, string | undefined>> = {
  lower: 'While a bot runs it may only become lower.',
  'lower, 0 is off': 'While a bot runs it may only become lower; 0 is off.',
  higher: 'While a bot runs it may only become higher.',
  on: 'While a bot runs it may only be switched on.',
  fixed: 'It stays as it is while a bot runs.',
  free: undefined,
};

/** What a reader of the schema is told of a limit. */
export function limitSentences({ tighter, required }: LimitMeta): string[] {
  const sentence = SENTENCES[tighter];
  return [
    ...(required === undefined ? [] : ['Required in the live world.']),
    ...(sentence === undefined ? [] : [sentence]),
  ];
}
