import { fault, type ErrorCode, type PerpsBotError, type Problem } from '../../src/domain/errors.js';

/** Gathers everything that is wrong, so that one run names it all. */
export class Problems {
  private readonly found: Problem[] = [];

  add(
    code: ErrorCode,
    message: string,
    place?: { readonly where?: string | undefined; readonly fix?: string | undefined },
  ): void {
    const { where, fix } = place ?? {};
    this.found.push({ code, message, ...(where !== undefined && { where }), ...(fix !== undefined && { fix }) });
  }

  get all(): readonly Problem[] {
    return this.found;
  }

  get any(): boolean {
    return this.found.length > 0;
  }

  /** Throws one error with every problem; its code is the first one's. */
  throwIfAny(): void {
    if (this.any) throw asError(this.found);
  }
}

function asError(problems: readonly Problem[]): PerpsBotError {
  const [first] = problems as readonly [Problem, ...Problem[]];
  const sentences = problems.map((problem) =>
    problem.where === undefined ? problem.message : `${problem.where}: ${problem.message}`,
  );
  const message = sentences.join('; ').replaceAll('.; ', '; ');
  const only = problems.length === 1 ? first : undefined;
  return fault(first.code, message, {
    problems,
    ...(only?.where !== undefined && { where: only.where }),
    ...(only?.fix !== undefined && { fix: only.fix }),
  });
}

const SECRET = /secret|token|passw|passphrase|api_?key|private_?key|credential/i;

/** Does a key's name say that its value must not be shown? */
export const looksSecret = (key: string): boolean => SECRET.test(key);
