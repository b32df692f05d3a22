import { Decimal } from '../../src/domain/decimal.js';
import { UNIT_MS } from '../../src/domain/time-spans.js';
import { NumberText, UntypedText } from './tree.js';

/** How one kind of value is written, read and shown. */
export interface Grammar<T> {
  /** Completes "X must be …". */
  readonly expected: string;
  readonly example: string;
  /** The value, or undefined when it is not written in this grammar. */
  parse(node: unknown): T | undefined;
  format(value: T): string;
  /** JSON Schema of how it is written. */
  readonly json: Readonly<Record<string, unknown>>;
  /** What a bare number lacks here, if it lacks something. */
  readonly unit?: string;
}

const NUMBER = '-?\\d{1,30}(?:\\.\\d{1,30})?';
const PLAIN_NUMBER = new RegExp(`^${NUMBER}$`);
const RATIO = new RegExp(`^(${NUMBER}) ?(%|bps)$`);
const MONEY = new RegExp(`^(${NUMBER}) (USDT|USDC|USD)$`);
const QUANTITY = new RegExp(`^(${NUMBER}) ([A-Z][A-Z0-9]{1,9})$`);
const DURATION = /^(\d{1,12}(?:\.\d{1,6})?)(ms|s|m|h|d)$/;
const TIME = /^([01]\d|2[0-3]):([0-5]\d)$/;

/** Text written with a unit; a number alone has none. */
const textOf = (node: unknown): string | undefined =>
  typeof node === 'string' ? node.trim() : node instanceof UntypedText ? node.text.trim() : undefined;
const numberOf = (node: unknown): string | undefined => (node instanceof NumberText ? node.text : textOf(node));

const written = (expression: RegExp): Record<string, unknown> => ({ type: 'string', pattern: expression.source });

export const booleanGrammar: Grammar<boolean> = {
  expected: 'true or false',
  example: 'true',
  parse(node) {
    if (typeof node === 'boolean') return node;
    if (!(node instanceof UntypedText)) return undefined;
    return node.text === 'true' ? true : node.text === 'false' ? false : undefined;
  },
  format: String,
  json: { type: 'boolean' },
};

export const integerGrammar: Grammar<number> = {
  expected: 'a whole number',
  example: '10',
  parse(node) {
    if (!(node instanceof NumberText) && !(node instanceof UntypedText)) return undefined;
    const value = /^-?\d{1,15}$/.test(node.text) ? Number(node.text) : Number.NaN;
    return Number.isSafeInteger(value) ? value : undefined;
  },
  format: String,
  json: { type: 'integer' },
};

/** A number without a unit that is not money: a factor, an index, leverage. */
export const numberGrammar: Grammar<number> = {
  expected: 'a number',
  example: '2',
  parse(node) {
    if (!(node instanceof NumberText) && !(node instanceof UntypedText)) return undefined;
    return PLAIN_NUMBER.test(node.text) ? Number(node.text) : undefined;
  },
  format: String,
  json: { type: 'number' },
};

/** An exact number without a unit: increments, prices, factors. Quoted or not, its digits are kept. */
export const decimalGrammar: Grammar<Decimal> = {
  expected: 'a decimal number',
  example: '2.5',
  parse(node) {
    if (Decimal.isDecimal(node)) return finite(node);
    const text = numberOf(node);
    return text !== undefined && PLAIN_NUMBER.test(text) ? new Decimal(text) : undefined;
  },
  format: (value) => value.toString(),
  json: { anyOf: [{ type: 'number' }, written(PLAIN_NUMBER)] },
};

/** A fraction, written as percent or basis points. */
export const percentGrammar: Grammar<Decimal> = {
  expected: 'a percentage',
  example: '25%',
  unit: '%',
  parse: (node) => (Decimal.isDecimal(node) ? finite(node) : readRatio(node)),
  format: (value) => `${value.times(100).toString()}%`,
  json: written(RATIO),
};

/** Basis points, written as such or as percent. */
export const bpsGrammar: Grammar<Decimal> = {
  expected: 'basis points',
  example: '100bps',
  unit: 'bps',
  parse: (node) => (Decimal.isDecimal(node) ? finite(node) : readRatio(node)?.times(10_000)),
  format: (value) => `${value.toString()}bps`,
  json: written(RATIO),
};

/** An amount in the settlement currency. The three dollar currencies count one for one. */
export const moneyGrammar: Grammar<Decimal> = {
  expected: 'an amount with its currency (USDT, USDC or USD)',
  example: '250 USDT',
  unit: ' USDT',
  parse(node) {
    if (Decimal.isDecimal(node)) return finite(node);
    const match = MONEY.exec(textOf(node) ?? '');
    return match?.[1] === undefined ? undefined : new Decimal(match[1]);
  },
  format: (value) => value.toString(),
  json: written(MONEY),
};

/** A size with the name of what is counted: the base currency of the instrument. */
export const quantityGrammar: Grammar<Decimal> = {
  expected: 'a size with its currency',
  example: '0.5 BTC',
  unit: ' and the base currency',
  parse(node) {
    if (Decimal.isDecimal(node)) return finite(node);
    return quantityOf(node)?.amount;
  },
  format: (value) => value.toString(),
  json: written(QUANTITY),
};

export function quantityOf(node: unknown): { readonly amount: Decimal; readonly currency: string } | undefined {
  const [, amount, currency] = QUANTITY.exec(textOf(node) ?? '') ?? [];
  return amount === undefined || currency === undefined ? undefined : { amount: new Decimal(amount), currency };
}

/** Milliseconds, written with ms, s, m, h or d. */
export const durationGrammar: Grammar<number> = {
  expected: 'a duration',
  example: '30s',
  unit: 's',
  parse(node) {
    const [, amount, unit] = DURATION.exec(textOf(node) ?? '') ?? [];
    if (amount === undefined || unit === undefined) return undefined;
    const ms = new Decimal(amount).times(UNIT_MS[unit] ?? Number.NaN);
    return ms.isInteger() && ms.lte(Number.MAX_SAFE_INTEGER) ? ms.toNumber() : undefined;
  },
  format(value) {
    const unit = ['d', 'h', 'm', 's'].find((name) => value > 0 && value % (UNIT_MS[name] ?? 1) === 0);
    return unit === undefined ? `${String(value)}ms` : `${String(value / (UNIT_MS[unit] ?? 1))}${unit}`;
  },
  json: written(DURATION),
};

/** Minutes since midnight UTC. */
export const timeGrammar: Grammar<number> = {
  expected: 'a time of day in UTC',
  example: '14:00',
  parse(node) {
    const [, hour, minute] = TIME.exec(textOf(node) ?? '') ?? [];
    return hour === undefined || minute === undefined ? undefined : Number(hour) * 60 + Number(minute);
  },
  format: (value) => `${String(Math.floor(value / 60)).padStart(2, '0')}:${String(value % 60).padStart(2, '0')}`,
  json: written(TIME),
};

export const textGrammar: Grammar<string> = {
  expected: 'text that is not blank',
  example: 'my-bot',
  parse: (node) => textOf(node) || undefined,
  format: (value) => value,
  json: { type: 'string', minLength: 1 },
};

export const symbolGrammar: Grammar<string> = {
  expected: 'a symbol',
  example: 'BTC-PERP',
  parse(node) {
    const symbol = textOf(node)?.toUpperCase();
    return symbol !== undefined && /^[A-Z0-9][A-Z0-9._/:-]{0,39}$/.test(symbol) ? symbol : undefined;
  },
  format: (value) => value,
  json: { type: 'string', minLength: 1 },
};

/** Parameters of strategies the schema does not know. */
export const parameterGrammar: Grammar<string | number | boolean> = {
  expected: 'text, a number, or true or false',
  example: '12',
  parse: (node) => booleanGrammar.parse(node) ?? numberGrammar.parse(node) ?? textGrammar.parse(node),
  format: String,
  json: { type: ['string', 'number', 'boolean'] },
};

/** One of a few words, or of a few whole numbers. */
export function choiceGrammar<const T extends string | number>(choices: readonly T[], anyCase = false): Grammar<T> {
  const same = (text: string, choice: T): boolean =>
    text === String(choice) || (anyCase && text.toLowerCase() === String(choice));
  return {
    expected: choices.length === 1 ? String(choices[0]) : `one of ${choices.join(', ')}`,
    example: String(choices[0]),
    parse(node) {
      const text = node instanceof NumberText ? node.text : textOf(node);
      const choice = choices.find((candidate) => text !== undefined && same(text, candidate));
      return typeof choice === 'number' && typeof node === 'string' ? undefined : choice;
    },
    format: String,
    json: { enum: [...choices] },
  };
}

const finite = (value: Decimal): Decimal | undefined => (value.isFinite() ? value : undefined);

function readRatio(node: unknown): Decimal | undefined {
  const [, amount, unit] = RATIO.exec(textOf(node) ?? '') ?? [];
  return amount === undefined ? undefined : new Decimal(amount).div(unit === '%' ? 100 : 10_000);
}
