import { PerpsBotError } from '../../../domain/errors.js';
import type { CommandOutcome, Context } from '../../command.js';
import { describeError } from '../../errors.js';

/** The venue could not be asked: nothing is known of it, and that is an answer of the command, with its exit code. */
export const isUnanswered = (error: unknown): error is PerpsBotError =>
  PerpsBotError.is(error) && error.code === 'VENUE-002';

export function unanswered({ out, flags }: Context, kind: string, error: PerpsBotError, exit: number): CommandOutcome {
  const { code, message, fix = null } = error;
  return {
    kind,
    data: { running: false, agreed: false, unanswered: { code, message, fix } },
    text: describeError(error, out, flags.debug === true).trimEnd(),
    exit,
  };
}
