import type { StoredEvent } from '../../ports/storage/event-store.js';
import type { CutReport, GateReport, ReasonReport } from '../../ports/runtime-state/runtime-state.js';
import { marks } from '../../domain/units.js';
import { explanationOf, type Cause, type Explanation } from './explanation.js';
import { codeOf } from './venue-refusals.js';

/** Records an explanation is made of. */
export const EXPLAINING_RECORDS = ['trading_tally', 'strategy_rejection', 'risk_rejected', 'order', 'fill'] as const;

type Payload = StoredEvent['payload'];

/**
 * Why a bot traded as it did, from its journal. Gates and reasons come from the tallies that a run leaves behind (the
 * newest of each run: they grow), refusals and fills from their own records.
 */
export function explainJournal(events: readonly StoredEvent[]): Explanation {
  const tallies = newestOfEachRun(events.filter(({ type }) => type === 'trading_tally'));
  const refused = new Counted('risk');
  const filtered = new Counted('filter');
  const venue = new Counted('venue');
  const rejected = new Set<string>();
  for (const { type, payload, at } of events) {
    const symbol = text(payload, 'symbol');
    if (type === 'risk_rejected') refused.add(text(payload, 'check'), at, symbol, text(payload, 'reason'));
    else if (type === 'strategy_rejection')
      filtered.add(text(payload, 'rejection_type'), at, symbol, text(payload, 'reason'));
    else if (
      type === 'order' &&
      text(payload, 'status').startsWith('rejected') &&
      !rejected.has(text(payload, 'client_id'))
    ) {
      rejected.add(text(payload, 'client_id'));
      venue.add(codeOf(text(payload, 'reason')), at, symbol, text(payload, 'reason'));
    }
  }
  // A tally counts refusals and filters too, and whole: records of the same thing are written once a minute.
  const gates = merged(tallies.flatMap((tally) => gatesOf(tally)));
  const reasons = tallies.flatMap((tally) => reasonsOf(tally));
  const counted = tallies.length > 0;
  return explanationOf({
    fills: events.filter(({ type }) => type === 'fill').length,
    steps: counted ? reasons.reduce((sum, { times }) => sum + times, 0) : undefined,
    gates,
    reasons,
    cuts: addedUp(tallies.flatMap((tally) => cutsOf(tally))),
    venue: venue.causes(),
    others: counted ? [] : [...refused.causes(), ...filtered.causes()],
    markText: (_symbol, mark) => String(mark),
  });
}

function newestOfEachRun(events: readonly StoredEvent[]): Payload[] {
  const newest = new Map<unknown, Payload>();
  for (const { payload } of events) newest.set(payload['since'], payload);
  return [...newest.values()];
}

function gatesOf(tally: Payload): GateReport[] {
  return list(tally['gates']).map((gate) => ({
    gate: text(gate, 'gate'),
    times: count(gate, 'times'),
    heldMs: count(gate, 'held_ms'),
    firstAt: count(gate, 'first_at'),
    firstSymbol: text(gate, 'first_symbol'),
    ...(typeof gate['detail'] === 'string' ? { firstDetail: gate['detail'] } : {}),
  }));
}

function reasonsOf(tally: Payload): ReasonReport[] {
  return list(tally['reasons']).map((reason) => ({
    kind: text(reason, 'kind') as ReasonReport['kind'],
    reason: text(reason, 'reason'),
    times: count(reason, 'times'),
    firstAt: count(reason, 'first_at'),
    firstSymbol: text(reason, 'first_symbol'),
    firstMark: marks(count(reason, 'first_mark')),
  }));
}

/** Tallies of before have none. */
const cutsOf = (tally: Payload): CutReport[] =>
  list(tally['cuts']).map((cut) => ({
    limit: text(cut, 'limit'),
    times: count(cut, 'times'),
    firstAt: count(cut, 'first_at'),
    firstSymbol: text(cut, 'first_symbol'),
    firstDetail: text(cut, 'detail'),
  }));

function addedUp(cuts: readonly CutReport[]): CutReport[] {
  const sums = new Map<string, CutReport>();
  for (const cut of cuts) {
    const known = sums.get(cut.limit);
    sums.set(cut.limit, known === undefined ? cut : { ...known, times: known.times + cut.times });
  }
  return [...sums.values()];
}

/** Several runs of one bot, added up. */
function merged(gates: readonly GateReport[]): GateReport[] {
  const sums = new Map<string, GateReport>();
  for (const gate of gates) {
    const known = sums.get(gate.gate);
    sums.set(
      gate.gate,
      known === undefined ? gate : { ...known, times: known.times + gate.times, heldMs: known.heldMs + gate.heldMs },
    );
  }
  return [...sums.values()];
}

class Counted {
  private readonly found = new Map<string, { times: number; readonly first: NonNullable<Cause['first']> }>();

  constructor(private readonly kind: Cause['kind']) {}

  add(name: string, at: number, symbol: string, detail: string): void {
    const known = this.found.get(name);
    if (known === undefined) this.found.set(name, { times: 1, first: { at, symbol, detail } });
    else known.times += 1;
  }

  causes(): Cause[] {
    return [...this.found].map(([name, { times, first }]) => ({ kind: this.kind, name, times, first }));
  }
}

const list = (value: unknown): Payload[] => (Array.isArray(value) ? (value as Payload[]) : []);
const text = (payload: Payload, key: string): string => (typeof payload[key] === 'string' ? payload[key] : '');
const count = (payload: Payload, key: string): number => (typeof payload[key] === 'number' ? payload[key] : 0);
