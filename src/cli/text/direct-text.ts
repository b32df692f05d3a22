import type { DirectHaltReport } from '../../operator/direct/direct-halt.js';
import { pairs } from './table.js';

/** What a command has done past the bot. */
export function directHaltText(report: DirectHaltReport, where: string): string {
  const { done, cancelled, mayBeLive, kept, foreign, problem } = report;
  const open = mayBeLive.length === 0 ? '' : `: ${mayBeLive.join(', ')} may be live`;
  return pairs([
    ['State', where],
    ['Command', 'halt is left beside the journal: the bot obeys it before its next order, and at its next start'],
    ['Withdrawn', done ? `done, confirmed by the venue: ${cancelled.length}` : `NOT CONFIRMED${open}`],
    ...cancelled.map((id) => ['Cancelled', id] as const),
    ...(problem === null ? [] : [['Problem', problem] as const]),
    ...kept.map((id) => ['Stop', `${id} stays: it can only reduce`] as const),
    ...foreign.map((id) => ['Foreign', `${id} is not the bot's: untouched`] as const),
    [
      'Next',
      done ? `perpsbot reconcile ${where} · perpsbot status ${where}` : `the same again, and look at the venue itself`,
    ],
  ]);
}
