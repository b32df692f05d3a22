import type { Cause, Explanation } from '../../backtest/explain/explanation.js';
import { durationText } from '../../domain/time-spans.js';
import type { Palette } from './palette.js';
import { table } from './table.js';

const TITLES: Readonly<Record<Cause['kind'], string>> = {
  error: 'the strategy failed',
  venue: 'refused by the venue',
  lost: 'never at the venue',
  risk: 'refused by risk and rules',
  guard: 'held back by a guard',
  filter: 'held back by a filter',
  cut: 'made smaller by a limit',
  gate: 'not asked',
  warm_up: 'warm-up',
  decision: 'the strategy said',
  by_itself: 'the bot did',
};

/** An explanation for people: the answer, then everything that was counted. */
export function explanationText(
  { headline, causes, entries, steps }: Explanation,
  source: string,
  colours: Palette,
): string {
  const lines = [
    colours.bold(headline),
    '',
    `From ${source}${steps === undefined ? '' : `: ${steps} steps`}, ${entries} ${entries === 1 ? 'entry' : 'entries'} wanted.`,
  ];
  if (causes.length === 0) return lines.join('\n');
  const rows = causes.map(({ kind, name, times, heldMs, first }) => [
    TITLES[kind],
    name,
    String(times),
    heldMs === undefined ? '' : durationText(heldMs),
    first === undefined
      ? ''
      : `${new Date(first.at).toISOString()} ${first.symbol}${first.detail === undefined ? '' : `: ${first.detail}`}`,
  ]);
  return [...lines, '', table(['what', 'which', 'times', 'for', 'first'], rows, [2])].join('\n');
}
