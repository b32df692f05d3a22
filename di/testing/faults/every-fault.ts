import type { Fill, Order } from '../../../src/domain/order.js';
import { misuse } from '../../../src/testing/misuse.js';
import type { RunTerms } from '../run-config.js';
import { namesOf } from './fault-plan.js';
import type { Fault, FaultKind, FaultStep, When } from './fault-step.js';
import type { FaultedOutcome } from './faulted-run.js';

interface EveryRun {
  readonly run: (steps: readonly FaultStep[]) => Promise<FaultedOutcome>;
  readonly terms: RunTerms;
  readonly assertSound: (outcome: Pick<FaultedOutcome, 'violations'>, during: string) => void;
}

/** The same run with a fault at every point at which it can happen, one run each; returns how many. */
export async function everyFault(kind: FaultKind, { run, terms, assertSound }: EveryRun): Promise<number> {
  const calm = await run([]);
  assertSound(calm, ' without any fault');
  const steps = stepsOf(kind, calm, terms);
  let happened = 0;
  for (const step of steps) {
    const outcome = await run([step]);
    assertSound(outcome, ` with ${JSON.stringify(step)}`);
    if (isAtOnce(step)) assertSound({ violations: forgotten(calm, outcome) }, ` with ${JSON.stringify(step)}`);
    if (outcome.left.length === 0) happened += 1;
  }
  if (happened === 0)
    throw misuse(
      `A fault of kind ${kind} must be able to happen in the run, was not.`,
      'Give it bars in which it trades.',
    );
  return happened;
}

/** Nobody was away for any time. */
const isAtOnce = (step: FaultStep): boolean => step.fault === 'kill' && step.wait === undefined;

/**
 * A death may cost entries, and a strategy asks for a close anew that had not left. Of what was entered as without it
 * nothing is forgotten: until the strategy closes it leaves as without it.
 */
function forgotten(calm: FaultedOutcome, outcome: FaultedOutcome): readonly string[] {
  const roleIn = ({ orders }: FaultedOutcome, fill: Fill): string | undefined => {
    const order = orders.find(({ request }) => request.clientId === fill.clientId);
    return order === undefined ? undefined : namesOf(order)[1];
  };
  const closed = calm.fills.findIndex((fill) => roleIn(calm, fill) === 'exit');
  const end = closed < 0 ? undefined : closed;
  const entries = (run: FaultedOutcome): string => textOf(run.fills.filter((fill) => roleIn(run, fill) === 'entry'));
  const [before, after] = [textOf(calm.fills.slice(0, end)), textOf(outcome.fills.slice(0, end))];
  return entries(calm) !== entries(outcome) || before === after ? [] : [`it filled ${after}, without it ${before}`];
}

const textOf = (fills: readonly Fill[]): string =>
  fills.map(({ side, lots, price }) => `${side} ${lots} @${price}`).join(', ');

function stepsOf(kind: FaultKind, calm: FaultedOutcome, { columns, spec }: RunTerms): readonly FaultStep[] {
  const sent = whensOf(calm.orders, 'sent');
  const bars = Array.from({ length: columns.length }, (_bar, bar): When => ({ bar }));
  const each = (whens: readonly When[], ...faults: readonly Fault[]): readonly FaultStep[] =>
    whens.flatMap((when) => faults.map((fault): FaultStep => ({ when, ...fault })));
  const passed = [...whensOf(calm.orders, 'accepted'), ...whensOf(calm.orders, 'filled')];
  switch (kind) {
    case 'reject':
      return each(sent, { fault: kind, reason: 'other' }, { fault: kind, reason: 'insufficient_margin' });
    case 'unknown':
      return each(sent, { fault: kind, arrived: true }, { fault: kind, arrived: false });
    case 'delay':
      return each(sent, { fault: kind, by: '1500ms' });
    case 'race':
      return each(sent, { fault: kind });
    case 'partial':
      return each(sent, { fault: kind, share: 0.5 });
    case 'silence':
      return each(
        [...bars, ...passed],
        { fault: kind, of: 'account', for: '20s' },
        { fault: kind, of: 'market', for: '20s' },
        { fault: kind, of: 'both', for: '20s' },
      );
    case 'kill':
      return [
        ...each([...sent, ...passed, ...bars], { fault: kind }),
        ...each(
          Array.from({ length: calm.records }, (_record, index): When => ({ record: index + 1 })),
          { fault: kind },
        ),
        ...each(passed, { fault: kind, wait: `${columns.intervalMs}ms` }),
      ];
    case 'state':
      return each(
        bars,
        { fault: kind, to: 'REDUCE_ONLY' },
        { fault: kind, to: 'HALTED' },
        { fault: kind, to: 'FLATTENING' },
      );
    case 'liquidate':
      return each(whensOf(calm.orders, 'filled'), { fault: kind });
    case 'external_fill': {
      const quantity = calm.orders[0]?.request.size.toNumber() ?? spec.minSize.toNumber();
      return each(bars, { fault: kind, side: 'buy', quantity }, { fault: kind, side: 'sell', quantity });
    }
    case 'throw':
      return each(bars, { fault: kind });
  }
}

/** Each order by the name under which a test finds it again. */
function whensOf(orders: readonly Order[], is: 'sent' | 'accepted' | 'filled'): readonly When[] {
  const counts = new Map<string, number>();
  return orders
    .filter(({ filled }) => is !== 'filled' || filled > 0)
    .map((order): When => {
      const [tag] = namesOf(order);
      const nth = (counts.get(tag) ?? 0) + 1;
      counts.set(tag, nth);
      return { order: tag, is, nth };
    });
}
