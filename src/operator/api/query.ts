import { fault, type PerpsBotError } from '../../domain/errors.js';

/** The parameters that a route knows, each a whole number from `least` to `most`, or a name. */
export type ApiParameters = Readonly<
  Record<string, { readonly kind: 'number'; readonly least: number; readonly most: number } | { readonly kind: 'name' }>
>;
export type ApiQuery = Readonly<Record<string, number | string | undefined>>;

const NAME = /^[a-z_]{1,40}$/;
const NUMBER = /^\d{1,15}$/;

/** Throws CTRL-002 for a parameter that is not known, comes twice or is not what it must be. */
export function readQuery(text: string, known: ApiParameters): ApiQuery {
  const read = Object.create(null) as Record<string, number | string>;
  for (const [name, value] of new URLSearchParams(text)) {
    const parameter = Object.hasOwn(known, name) ? known[name] : undefined;
    if (parameter === undefined) throw wrong(`Parameters must be of ${Object.keys(known).join(', ') || 'none'}`);
    if (name in read) throw wrong(`${name} must be given once, was twice`);
    if (parameter.kind === 'name') {
      if (!NAME.test(value)) throw wrong(`${name} must be a name of lower-case letters, was another`);
      read[name] = value;
      continue;
    }
    const number = NUMBER.test(value) ? Number(value) : Number.NaN;
    if (!(number >= parameter.least && number <= parameter.most))
      throw wrong(`${name} must be a whole number from ${parameter.least} to ${parameter.most}, was another`);
    read[name] = number;
  }
  return read;
}

const wrong = (message: string): PerpsBotError =>
  fault('CTRL-002', `${message}.`, { fix: 'docs/control-api.md names what each route takes.' });
