import { fault } from '../../domain/errors.js';
import type { CommandOutcome, FilesContext } from '../command.js';

/** Exit code of market data that is not whole. */
const NOT_WHOLE = 65;

/** A recorded session, replayed through the book and compared with the venue's own best prices. */
export async function verifySessionFile({ host }: FilesContext, path: string): Promise<CommandOutcome> {
  const { verifySession } = await import('../../data/session/verify-session.js');
  const bytes = host.readFile(path);
  if (bytes === undefined)
    throw fault('DATA-002', `--session must name a file that exists, was ${path}.`, {
      where: path,
      fix: 'Check the path; it is taken from the working directory.',
    });
  const report = verifySession(bytes, path);
  const { diffs, matched, gaps, unchecked, untrusted, gapAt, mismatches } = report;
  const whole = gaps === 0 && matched + unchecked === diffs;
  const lines = [
    `${report.symbol ?? 'Session'}: ${diffs} diffs, after ${matched} of them best prices and sizes are the venue's own.`,
    ...(unchecked > 0 ? [`${unchecked} diffs could not be compared: the venue told no best prices for them.`] : []),
    ...(report.unread > 0 ? [`${report.unread} messages could not be read when they were heard.`] : []),
    ...(report.endedEarly === null ? [] : [`The recording ended before its market: ${report.endedEarly}.`]),
    ...(report.isCut ? ['The last line is cut and left away: whoever recorded was ended while it wrote.'] : []),
    ...gapAt.map(
      ({ line, expected, found }) =>
        `Gap at line ${line}: a diff after update ${expected} is missing, the next follows ${found}.`,
    ),
    ...(untrusted > 0
      ? [`${untrusted} diffs came after a gap and before a new snapshot: the book was not trusted.`]
      : []),
    ...mismatches.map(
      ({ line, book, told }) => `Line ${line}: the book has ${book.join(' ')}, the venue told ${told.join(' ')}.`,
    ),
  ];
  return {
    kind: 'data.session',
    data: {
      ...report,
      gapAt: gapAt.map((gap) => ({ ...gap })),
      mismatches: mismatches.map(({ line, update, book, told }) => ({
        line,
        update,
        book: [...book],
        told: [...told],
      })),
    },
    text: lines.join('\n'),
    ...(whole ? {} : { exit: NOT_WHOLE }),
  };
}
