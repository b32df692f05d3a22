import { ERRORS, messageOf, PerpsBotError, type ErrorCode, type Problem } from '../domain/errors.js';
import { EXIT } from './exit-codes.js';
import type { Notice } from '../runs/run-watch.js';
import type { Palette } from './text/palette.js';

/** Warnings for people, a line each. */
export const warningLines = (warnings: readonly Notice[], colours: Palette): string =>
  warnings.map(({ code, message }) => `${colours.yellow('!')} ${code}  ${message}\n`).join('');

/** The exit code an error ends the command with. */
export const exitCodeOf = (error: unknown): number => (PerpsBotError.is(error) ? error.exitCode : EXIT.unexpected);

/**
 * What happened, where, why it matters, what to do. All problems at once. A stack trace only with `--debug`, or when
 * the error is none of ours.
 */
export function describeError(error: unknown, colours: Palette, debug: boolean): string {
  const lines = PerpsBotError.is(error) ? ours(error, colours) : foreign(error, colours);
  if (debug) lines.push(...causes(error));
  return `${lines.join('\n')}\n`;
}

/** Which part did not start is in the words; what happened, as the page of errors has it, is its cause's. */
export const codeOf = (error: PerpsBotError): ErrorCode =>
  error.code === 'BOT-002' && PerpsBotError.is(error.cause) ? error.cause.code : error.code;

function ours(error: PerpsBotError, colours: Palette): string[] {
  if (error.problems.length > 1) {
    return [
      ...error.problems.flatMap((problem) => [
        ...body(problem.code, problem.message, problem.where, undefined, problem.fix, colours),
        '',
      ]),
      `${error.problems.length} problems. ${title(error.code)}: see each above.`,
    ];
  }
  const [only] = error.problems as readonly [Problem?];
  return body(
    codeOf(error),
    only?.message ?? error.message,
    error.where ?? only?.where,
    error.why,
    error.fix ?? only?.fix,
    colours,
  );
}

function body(
  code: ErrorCode,
  message: string,
  where: string | undefined,
  why: string | undefined,
  fix: string | undefined,
  colours: Palette,
): string[] {
  const lines = [`${colours.red('✗')} ${colours.bold(code)}  ${message}`];
  if (where !== undefined) lines.push(field('Where', where, colours));
  lines.push(field('Why', why ?? `${title(code)}.`, colours));
  if (fix !== undefined) lines.push(field('Fix', fix, colours));
  return lines;
}

const title = (code: ErrorCode): string => ERRORS[code].title;
const field = (name: string, text: string, colours: Palette): string => `  ${colours.dim(name.padEnd(5))} ${text}`;

function foreign(error: unknown, colours: Palette): string[] {
  return [
    `${colours.red('✗')} ${colours.bold('UNEXPECTED')}  ${messageOf(error)}`,
    field('Why', 'This error is none that the program expects: a defect.', colours),
    field('Fix', 'Run again with --debug and report what it prints.', colours),
  ];
}

function causes(error: unknown): string[] {
  const lines: string[] = [];
  for (let cause: unknown = error; cause instanceof Error; cause = cause.cause)
    lines.push(cause.stack ?? cause.message);
  return lines;
}
