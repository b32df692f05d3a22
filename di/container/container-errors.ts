import type { ServiceIdentifier } from 'inversify';
import { fault, messageOf, PerpsBotError, type ErrorCode } from '../../src/domain/errors.js';
import { serviceName } from './service-name.js';

interface Rule {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly fix: string;
}

/** What Inversify says, and what it means here. Its own kinds put most of these under one number. */
const RULES: readonly Rule[] = [
  { pattern: /circular dependency/i, code: 'DI-002', fix: 'Break the cycle with a narrower port.' },
  {
    pattern: /no bindings found/i,
    code: 'DI-001',
    fix: 'Bind the missing token in a phase, in the world or in createBot({ overrides }).',
  },
  {
    pattern: /ambiguous bindings/i,
    code: 'DI-009',
    fix: 'Rebind the token instead of binding it again; collect contributions with injectAll.',
  },
  {
    pattern: /unexpected asynchronous (service|module|deactivation)|asynchronous/i,
    code: 'DI-010',
    fix: 'Await the value first and bind it with toConstantValue: the services of a bot are made at once.',
  },
];

const UNKNOWN: Omit<Rule, 'pattern'> = {
  code: 'DI-015',
  fix: 'Write @injectable() on the class and @inject(Token) on each of its parameters; see docs/embedding.md.',
};

/** Inversify's errors, also of another copy of it. */
const isOfInversify = (error: unknown): boolean =>
  error instanceof Error &&
  Object.getOwnPropertySymbols(error).some((brand) => brand.description?.startsWith('@inversifyjs/') === true);

/** Our error for whatever the container failed with; one that is ours already stays as it is. */
export function coded(error: unknown, service?: ServiceIdentifier): PerpsBotError {
  if (PerpsBotError.is(error)) return error;
  const said = messageOf(error).replaceAll('perps-bot/', '');
  const what = service === undefined ? '' : `${serviceName(service)}: `;
  if (!isOfInversify(error)) {
    return fault('DI-016', `${what}${said}`, {
      cause: error,
      fix: 'A constructor or a factory threw: see the cause. Constructors do no work; start() does.',
    });
  }
  const { code, fix } = RULES.find(({ pattern }) => pattern.test(said)) ?? UNKNOWN;
  const text = code === 'DI-002' ? said.split('\n')[0] : `${what}${said.split('\n').slice(0, 3).join(' ').trim()}`;
  return fault(code, text ?? said, { cause: error, fix });
}

/** The same for a promise. */
export const rethrow =
  (id?: ServiceIdentifier) =>
  (error: unknown): never => {
    throw coded(error, id);
  };
