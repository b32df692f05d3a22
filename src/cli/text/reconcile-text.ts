import type { AccountDifference, ReconcileReport } from '../../ports/core-services/account-review.js';
import { pairs } from './table.js';

/** What a person is told of a comparison: each difference with both words for it. */
export function reconcileText(report: ReconcileReport, where: string, running: boolean): string {
  const { venue, account, agreed, differences, mended, foreign, exposure } = report;
  return pairs([
    ['Bot', running ? 'runs, and has looked itself' : 'does not answer: its journal beside the venue'],
    ['State', where],
    ['Venue', `${venue}, account ${account ?? 'not known yet'}`],
    ['Verdict', agreed ? 'AGREE: what is believed is what the venue holds' : `DIFFER in ${differences.length}`],
    ...differences.map((each) => ['Differs', differenceText(each)] as const),
    ...mended.map((each) => ['Was late', `${differenceText(each)}; brought in meanwhile`] as const),
    ...foreign.map(
      ({ kind, id, symbol, side, size, terms }) =>
        ['Foreign', `${kind} ${id}: ${symbol} ${side} ${size}, ${terms}; counted, untouched`] as const,
    ),
    ...exposure.map(({ symbol, position, most, least, hasForeign }) => {
      const reach = most === least ? position : `${position}, with what rests ${least} to ${most}`;
      return ['Exposure', `${symbol} ${reach}${hasForeign ? ', the foreign with it' : ''}`] as const;
    }),
    ['Next', nextOf(report, where, running)],
  ]);
}

function differenceText({ what, of, believed, held }: AccountDifference): string {
  if (what === 'unanswered') return `the venue could not be asked for ${of}: ${held ?? '?'}`;
  return `${what} ${of}: here ${believed ?? 'not known'}; at the venue ${held ?? 'none'}`;
}

function nextOf({ agreed, foreign }: ReconcileReport, where: string, running: boolean): string {
  const [order] = foreign.filter(({ kind }) => kind === 'order');
  if (!agreed)
    return running
      ? `perpsbot status ${where}; resume is refused until both agree`
      : `start the bot: it brings in what is late, and says what is left`;
  return order === undefined
    ? `perpsbot status ${where}`
    : `perpsbot status ${where} · perpsbot reconcile ${where} --adopt ${order.id} --reason "…"`;
}
