import type { CutReport, GateReport, ReasonReport } from '../../ports/runtime-state/runtime-state.js';
import { durationText } from '../../domain/time-spans.js';

/**
 * One thing that kept trading back, that the strategy said, or that the bot did for it under terms asked before, with
 * how often and where it first happened.
 */
export interface Cause {
  readonly kind:
    'gate' | 'warm_up' | 'filter' | 'guard' | 'risk' | 'venue' | 'lost' | 'error' | 'cut' | 'decision' | 'by_itself';
  readonly name: string;
  readonly times: number;
  /** How long it held; absent where that is not measured. */
  readonly heldMs?: number;
  readonly first: { readonly at: number; readonly symbol: string; readonly detail?: string } | undefined;
}

/** Why a run traded as much, or as little, as it did. */
export interface Explanation {
  /** The answer in one sentence. */
  readonly headline: string;
  readonly fills: number;
  /** Round trips that closed; undefined where only a part of the fills is known. */
  readonly trades: number | undefined;
  /** Steps in which a symbol was looked at; undefined where nobody counted them. */
  readonly steps: number | undefined;
  /** Entries that the strategy asked for. */
  readonly entries: number;
  /** Most telling first: what stopped entries, then what kept the strategy from being asked, then what it said. */
  readonly causes: readonly Cause[];
}

export interface Evidence {
  readonly fills: number;
  readonly trades?: number;
  readonly steps: number | undefined;
  readonly gates: readonly GateReport[];
  readonly reasons: readonly ReasonReport[];
  /** Entries that a limit made smaller. */
  readonly cuts?: readonly CutReport[];
  /** Orders that the venue refused, by its own reason. */
  readonly venue: readonly Cause[];
  /** Entries that filters and risk held back, where the journal and not the counters tells. */
  readonly others?: readonly Cause[];
  /** How a mark of a symbol is written. */
  readonly markText: (symbol: string, mark: number) => string;
}

const RANK: Readonly<Record<Cause['kind'], number>> = {
  error: -1,
  venue: 0,
  lost: 0,
  risk: 1,
  guard: 2,
  filter: 3,
  cut: 4,
  gate: 5,
  warm_up: 6,
  decision: 7,
  by_itself: 8,
};
const CAUSES = { hold: 'decision', filtered: 'filter', guarded: 'guard', by_itself: 'by_itself' } as const;
const REFUSED = 'refused:';
const OWN_KINDS: Readonly<Record<string, Cause['kind']>> = { warm_up: 'warm_up', strategy_error: 'error' };

/** Puts the evidence in order and names the likeliest cause. */
export function explanationOf(evidence: Evidence): Explanation {
  const causes = [
    ...evidence.venue,
    ...(evidence.others ?? []),
    ...(evidence.cuts ?? []).map(ofCut),
    ...evidence.gates.map(ofGate),
    ...evidence.reasons.flatMap((reason) => ofReason(reason, evidence.markText)),
  ];
  causes.sort((a, b) => RANK[a.kind] - RANK[b.kind] || b.times - a.times);
  const entries = evidence.reasons.filter(({ kind }) => kind === 'entry').reduce((sum, { times }) => sum + times, 0);
  const { fills, trades, steps } = evidence;
  return { headline: headlineOf(causes, { entries, fills, steps }), fills, trades, steps, entries, causes };
}

function ofGate({ gate, times, heldMs, firstAt, firstSymbol, firstDetail }: GateReport): Cause {
  const kind = gate.startsWith(REFUSED) ? 'risk' : (OWN_KINDS[gate] ?? 'gate');
  const first = { at: firstAt, symbol: firstSymbol, ...(firstDetail === undefined ? {} : { detail: firstDetail }) };
  return { kind, name: gate.startsWith(REFUSED) ? gate.slice(REFUSED.length) : gate, times, heldMs, first };
}

const ofCut = ({ limit, times, firstAt, firstSymbol, firstDetail }: CutReport): Cause => ({
  kind: 'cut',
  name: limit,
  times,
  first: { at: firstAt, symbol: firstSymbol, detail: firstDetail },
});

/** Entries and exits that were decided are no obstacle. */
function ofReason(
  { kind, reason, times, firstAt, firstSymbol, firstMark }: ReasonReport,
  markText: Evidence['markText'],
): Cause[] {
  if (kind === 'entry' || kind === 'exit') return [];
  const first = { at: firstAt, symbol: firstSymbol, detail: `mark ${markText(firstSymbol, firstMark)}` };
  return [{ kind: CAUSES[kind], name: reason, times, first }];
}

function headlineOf(
  causes: readonly Cause[],
  { entries, fills, steps }: { readonly entries: number; readonly fills: number; readonly steps: number | undefined },
): string {
  const most = (...kinds: readonly Cause['kind'][]): Cause | undefined =>
    causes.filter(({ kind }) => kinds.includes(kind)).sort((a, b) => b.times - a.times)[0];
  const failed = most('error');
  if (failed !== undefined)
    return `The strategy failed ${plural(failed.times, 'time')}${steps === undefined ? '' : ` in ${plural(steps, 'step')}`}, and did nothing there: ${failed.first?.detail ?? 'see the log'}. ${plural(fills, 'fill')}.`;
  const stopped = most('venue', 'lost', 'risk', 'guard', 'filter');
  if (fills > 0) {
    const cut = most('cut');
    return [
      plural(fills, 'fill'),
      ...(stopped === undefined
        ? []
        : [`${plural(stopped.times, 'order')} stopped by ${whoOf(stopped)}: ${stopped.name}`]),
      ...(cut === undefined ? [] : [`${plural(cut.times, 'entry', 'entries')} made smaller by ${cut.name}`]),
    ]
      .join('; ')
      .concat('.');
  }
  if (stopped !== undefined)
    return `Nothing was traded: ${plural(Math.max(entries, stopped.times), 'entry', 'entries')} wanted, and ${whoOf(stopped)} stopped ${stopped.times}: ${stopped.name}${detailOf(stopped)}.`;
  if (entries > 0)
    return `Nothing was traded: ${plural(entries, 'entry', 'entries')} wanted, and none has filled: a dry run sends nothing, and what is decided on the last bar has no next one.`;
  const gate = most('gate');
  const warmUp = most('warm_up');
  const said = most('decision');
  if (warmUp !== undefined && steps !== undefined && warmUp.times >= steps)
    return `Nothing was traded: all ${steps} steps were warm-up.`;
  if (gate !== undefined && gate.times > (said?.times ?? 0))
    return `Nothing was traded: ${gate.name} held ${plural(gate.times, 'step')} back${gate.heldMs === undefined ? '' : `, ${durationText(gate.heldMs)}`}${detailOf(gate)}.`;
  if (said !== undefined)
    return `Nothing was traded: the strategy asked for no entry. Most often it said "${said.name}" (${plural(said.times, 'time')}).`;
  return gate === undefined
    ? 'Nothing was traded, and nothing was counted: the bot was not asked to trade.'
    : `Nothing was traded: ${gate.name} held trading back${detailOf(gate)}.`;
}

const whoOf = ({ kind }: Cause): string =>
  kind === 'venue'
    ? 'the venue'
    : kind === 'lost'
      ? 'the way to the venue'
      : kind === 'risk'
        ? 'risk'
        : kind === 'guard'
          ? 'a guard of the strategy'
          : 'a filter';
const detailOf = ({ first }: Cause): string =>
  first?.detail === undefined ? '' : ` (${first.detail.replace(/\.$/, '')})`;
const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`;
