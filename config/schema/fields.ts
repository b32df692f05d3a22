import { z } from 'zod';
import { Decimal } from '../../src/domain/decimal.js';
import * as grammar from './grammar.js';
import type { Grammar } from './grammar.js';
import { nearest } from './suggest.js';
import { isTree, NumberText, UntypedText, type Tree } from './tree.js';

// A configuration is read once: zod's compiled readers cost more to make than they save.
z.config({ jitless: true });

declare const suffix: unique symbol;

/**
 * A zod type that reads one written value. `Suffix` is the unit its name bears once the unit is gone from the value.
 */
export type Field<T, Suffix extends string = ''> = z.ZodType<T> & { readonly [suffix]: Suffix };
type SuffixOf<F> = F extends { readonly [suffix]: infer S extends string } ? S : '';
type Shape = Readonly<Record<string, z.ZodType>>;
type Output<S extends Shape> = { [K in keyof S & string as `${K}${SuffixOf<S[K]>}`]?: z.output<S[K]> };

/** What a field remembers beside its zod type, for showing values. */
export interface FieldInfo {
  readonly grammar: Grammar<unknown>;
  readonly suffix: string;
}
const FIELDS = new WeakMap<z.ZodType, FieldInfo>();
export const fieldInfo = (schema: z.ZodType): FieldInfo | undefined => FIELDS.get(schema);

const SYMBOL_MAPS = new WeakSet<z.ZodType>();
/** Are the keys of this map symbols? Otherwise they are free names. */
export const isSymbolMap = (schema: z.ZodType): boolean => SYMBOL_MAPS.has(schema);

/** Bounds of a value, written in the value's own grammar in messages. */
interface Range {
  readonly above?: number;
  readonly atLeast?: number;
  readonly below?: number;
  readonly atMost?: number;
}

const POSITIVE: Range = { above: 0 };
export const NOT_NEGATIVE: Range = { atLeast: 0 };
/** (0, 1]: a share of something. */
export const SHARE: Range = { above: 0, atMost: 1 };

function field<T, const S extends string>(
  kind: Grammar<T>,
  unitInName: S,
  about: string,
  range: Range = {},
): Field<T, S> {
  const written = z.any().meta({ ...kind.json, description: about, examples: [kind.example] });
  const schema = written.transform((node: unknown, context): T => {
    const value = kind.parse(node);
    if (value === undefined) {
      context.addIssue({
        code: 'custom',
        message: `must be ${kind.expected}, was ${shown(node)}.`,
        params: { code: 'CFG-002', fix: remedy(kind, node) },
      });
      return z.NEVER;
    }
    const breach = breachOf(kind, range, value);
    if (breach !== undefined) {
      context.addIssue({
        code: 'custom',
        message: `must be ${breach}, was ${shown(node)}.`,
        params: { code: 'CFG-006', fix: `Choose a value that is ${breach}.` },
      });
      return z.NEVER;
    }
    return value;
  });
  FIELDS.set(schema, { grammar: kind, suffix: unitInName });
  return schema as unknown as Field<T, S>;
}

export const flag = (about: string): Field<boolean> => field(grammar.booleanGrammar, '', about);
export const integer = (about: string, range: Range = POSITIVE): Field<number> =>
  field(grammar.integerGrammar, '', about, range);
export const number = (about: string, range: Range = POSITIVE): Field<number> =>
  field(grammar.numberGrammar, '', about, range);
export const decimal = (about: string, range: Range = POSITIVE): Field<Decimal> =>
  field(grammar.decimalGrammar, '', about, range);
export const percent = (about: string, range: Range = SHARE): Field<Decimal> =>
  field(grammar.percentGrammar, '', about, range);
export const money = (about: string, range: Range = POSITIVE): Field<Decimal> =>
  field(grammar.moneyGrammar, '', about, range);
export const quantity = (about: string): Field<Decimal> => field(grammar.quantityGrammar, '', about, POSITIVE);
export const bps = (about: string, range: Range = POSITIVE): Field<Decimal, 'Bps'> =>
  field(grammar.bpsGrammar, 'Bps', about, range);
export const duration = (about: string, range: Range = POSITIVE): Field<number, 'Ms'> =>
  field(grammar.durationGrammar, 'Ms', about, range);
export const time = (about: string): Field<number, 'Minute'> => field(grammar.timeGrammar, 'Minute', about);
export const text = (about: string): Field<string> => field(grammar.textGrammar, '', about);
export const symbol = (about: string): Field<string> => field(grammar.symbolGrammar, '', about);
export const parameter = (about: string): Field<string | number | boolean> =>
  field(grammar.parameterGrammar, '', about);
export const choice = <const T extends string | number>(choices: readonly T[], about: string): Field<T> =>
  field(grammar.choiceGrammar(choices), '', about);
export const word = <const T extends string>(choices: readonly T[], about: string): Field<T> =>
  field(grammar.choiceGrammar(choices, true), '', about);

/** A number or one word that stands for none. */
export const numberOr = <const T extends string>(other: T, about: string): Field<number | T> => {
  const named = grammar.choiceGrammar([other]);
  const either: Grammar<number | T> = {
    expected: `a number or ${other}`,
    example: other,
    parse: (node) => named.parse(node) ?? grammar.numberGrammar.parse(node),
    format: String,
    json: { anyOf: [grammar.numberGrammar.json, named.json] },
  };
  return field(either, '', about);
};

/** A section of optional keys; anything else is refused. Names gain the unit that their values lose. */
export function section<S extends Shape>(shape: S, about = ''): z.ZodType<Output<S>> {
  const names = new Map(Object.entries(shape).map(([key, schema]) => [key, key + (FIELDS.get(schema)?.suffix ?? '')]));
  const optional = Object.fromEntries(Object.entries(shape).map(([key, schema]) => [key, schema.optional()]));
  const object = z.strictObject(optional);
  return (about === '' ? object : object.meta({ description: about })).transform((values: Tree) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [names.get(key) ?? key, value])),
  ) as unknown as z.ZodType<Output<S>>;
}

/** Values by symbol. Symbols are trimmed and upper-cased. */
export function bySymbol<V extends z.ZodType>(value: V, about: string): z.ZodType<Record<string, z.output<V>>> {
  const record = z.record(z.string(), value).meta({ description: about });
  SYMBOL_MAPS.add(record);
  return record.transform((entries: Tree, context) => {
    const result: Tree = {};
    for (const [key, entry] of Object.entries(entries)) {
      const name = grammar.symbolGrammar.parse(key);
      if (name === undefined || Object.hasOwn(result, name)) {
        context.addIssue({
          code: 'custom',
          path: [key],
          message: name === undefined ? 'must be named by a symbol.' : 'is given twice.',
          params: { code: 'CFG-002', fix: 'Name each symbol once, like BTC-PERP.' },
        });
        return z.NEVER;
      }
      result[name] = entry;
    }
    return result;
  }) as unknown as z.ZodType<Record<string, z.output<V>>>;
}

/** Values by a free name. */
export const byName = <V extends z.ZodType>(value: V, about: string): z.ZodType<Record<string, z.output<V>>> =>
  z.record(z.string(), value).meta({ description: about });

/** A list without repetitions, in the order of first mention. */
export const list = <T>(item: Field<T>, about: string): z.ZodType<T[]> =>
  z
    .array(item)
    .min(1, { message: 'must name at least one.' })
    .meta({ description: about })
    .transform((items) => [...new Set(items)]);

/** A program and its arguments: what is said twice is meant twice. */
export const words = (about: string): z.ZodType<string[]> =>
  z.array(text('A word.')).min(1, { message: 'must name at least one.' }).meta({ description: about });

/** Complete sections in an order that means something. A list is one value: a layer replaces all of it. */
export function rows<S extends Shape>(shape: S, aboutRow: string, about: string): z.ZodType<Output<S>[]> {
  const row = section(shape, aboutRow);
  return z
    .array(row)
    .min(1, { message: 'must have at least one row.' })
    .meta({ description: about })
    .superRefine((items, context) => {
      items.forEach((item, index) => {
        const missing = Object.keys(shape).filter(
          (key) => !Object.hasOwn(item, key + (FIELDS.get(shape[key] as z.ZodType)?.suffix ?? '')),
        );
        if (missing.length > 0)
          context.addIssue({
            code: 'custom',
            path: [index],
            message: `must be complete; missing: ${missing.join(', ')}.`,
            params: { code: 'CFG-002', fix: `Add ${missing.join(', ')}.` },
          });
      });
    });
}

/** A written value as it may be repeated to the person who wrote it. */
export function shown(node: unknown): string {
  if (node === null || node === undefined) return 'empty';
  if (node instanceof NumberText) return node.text;
  if (Array.isArray(node)) return 'a list';
  if (isTree(node)) return 'a section';
  const plain = node instanceof UntypedText ? node.text : node;
  const quoted =
    typeof plain === 'string'
      ? JSON.stringify(plain)
      : typeof plain === 'number' || typeof plain === 'boolean'
        ? String(plain)
        : 'an object';
  return quoted.length > 60 ? `${quoted.slice(0, 57)}...` : quoted;
}

function remedy<T>(kind: Grammar<T>, node: unknown): string {
  const bare =
    node instanceof NumberText
      ? node.text
      : node instanceof UntypedText && /^-?[\d.]+$/.test(node.text)
        ? node.text
        : undefined;
  if (kind.unit !== undefined && bare !== undefined)
    return `Write the unit: a bare ${bare} could mean several things; for example ${kind.example}.`;
  const choices = kind.json['enum'];
  const given = node instanceof UntypedText ? node.text : node;
  const close = Array.isArray(choices) && typeof given === 'string' ? nearest(given, choices.map(String)) : undefined;
  return close === undefined ? `Write it like ${kind.example}.` : `Did you mean ${close}?`;
}

function breachOf<T>(kind: Grammar<T>, range: Range, value: T): string | undefined {
  if (Object.keys(range).length === 0 || typeof value === 'string') return undefined;
  const amount = new Decimal(value as Decimal | number);
  const holds =
    (range.above === undefined || amount.gt(range.above)) &&
    (range.atLeast === undefined || amount.gte(range.atLeast)) &&
    (range.below === undefined || amount.lt(range.below)) &&
    (range.atMost === undefined || amount.lte(range.atMost));
  if (holds) return undefined;
  const bound = (limit: number): string => kind.format((Decimal.isDecimal(value) ? new Decimal(limit) : limit) as T);
  const parts = [
    range.above === undefined ? undefined : `above ${bound(range.above)}`,
    range.atLeast === undefined ? undefined : `at least ${bound(range.atLeast)}`,
    range.below === undefined ? undefined : `below ${bound(range.below)}`,
    range.atMost === undefined ? undefined : `at most ${bound(range.atMost)}`,
  ];
  return parts.filter((part) => part !== undefined).join(' and ');
}
