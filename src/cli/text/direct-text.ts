import type { DirectHaltReport } from '../../operator/direct/direct-halt.js';
import type { DirectFlattenReport } from '../../operator/direct/direct-flatten.js';
import type { FlattenPlan } from '../../ports/core-services/operator-control.js';
import { pairs } from './table.js';

/** What a command has done past the bot. */
export function directHaltText(report: DirectHaltReport, where: string, unwritten: string | null = null): string {
  const { done, cancelled, mayBeLive, kept, foreign, problem } = report;
  const open = mayBeLive.length === 0 ? '' : `: ${mayBeLive.join(', ')} may be live`;
  return pairs([
    ['State', where],
    [
      'Command',
      unwritten === null
        ? 'halt is left beside the journal: the bot obeys it before its next order, and at its next start'
        : `THE BOT IS NOT TOLD, and may order again: ${unwritten}; end its process`,
    ],
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

export function directPlanText({ hash, steps, maxSlippageBps }: FlattenPlan, where: string): string {
  if (steps.length === 0) return pairs([['Plan', 'the venue holds nothing in the symbols of the bot']]);
  return pairs([
    ['State', where],
    ...steps.map(
      ({ symbol, side, size, worstPrice, markPrice }) =>
        [
          'Send',
          `${side} ${size} ${symbol}, can only reduce, not beyond ${worstPrice ?? '?'} (mark ${markPrice ?? '?'})`,
        ] as const,
    ),
    ['Done', 'nothing yet'],
    ['Next', `perpsbot flatten --direct ${where} --yes-plan ${hash} --max-slippage ${maxSlippageBps} --reason "…"`],
  ]);
}

export function directFlattenText(report: DirectFlattenReport, where: string): string {
  const { flat, sent, remaining, mayBeLive, note } = report;
  return pairs([
    ['State', where],
    ['Flatten', flat ? 'flat, confirmed by the venue' : 'NOT FLAT'],
    ...sent.map(
      ({ clientId, side, size, symbol, limit, outcome }) =>
        ['Sent', `${clientId}: ${side} ${size} ${symbol} to ${limit}, ${outcome}`] as const,
    ),
    ...remaining.map(({ symbol, size }) => ['Position', `${symbol} ${size}`] as const),
    ...(mayBeLive.length === 0 ? [] : [['Orders', `${mayBeLive.join(', ')} may be live`] as const]),
    ...(note === null ? [] : [['Note', note] as const]),
    [
      'Command',
      'halt and these orders are left beside the journal: the bot takes them for its own when it lives again',
    ],
    [
      'Next',
      flat
        ? `perpsbot reconcile ${where}`
        : `perpsbot flatten --direct ${where}, for a new plan; look at the venue itself`,
    ],
  ]);
}
