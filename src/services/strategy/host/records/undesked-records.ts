import type { Decision } from '../../../../domain/decision.js';
import { SymbolMap } from '../../../../domain/symbol-map.js';
import type { MarkUnits } from '../../../../domain/units.js';
import type { StrategyContext } from '../../../../ports/core-services/strategy.js';
import type { Submission } from '../../../../ports/core-services/execution.js';
import { refusalOf } from '../intent-checks.js';
import { IntentRecords, type RecordPorts, type RecordedEvent } from './intent-records.js';

/** The records of strategies that are asked for decisions and have no desk. */
export class UndeskedRecords {
  private readonly kept = new SymbolMap<{ readonly records: IntentRecords; readonly event: Decided }>();

  constructor(private readonly ports: RecordPorts) {}

  of(symbol: string): IntentRecords | undefined {
    return this.kept.get(symbol)?.records;
  }

  decides({ instrument: { symbol }, now, mark }: StrategyContext, strategy: string, decision: Decision): void {
    if (this.ports.journal.discards === true) return;
    const instance = `${strategy}@${symbol}`;
    let known = this.kept.get(symbol);
    if (known?.event.instance !== instance) {
      const event: Decided = { instance, symbol, handler: 'decide', now, shownMark: mark };
      this.kept.set(symbol, (known = { event, records: new IntentRecords(event, this.ports) }));
    }
    known.event.now = now;
    known.event.shownMark = mark;
    known.records.decides(decision, undefined);
  }

  handedOver(symbol: string, submission: Submission): void {
    const records = this.kept.get(symbol)?.records;
    if (submission.outcome !== 'submitted') records?.decisionRefused(refusalOf(submission));
    records?.handedOver();
  }
}

interface Decided extends RecordedEvent {
  now: number;
  shownMark: MarkUnits;
}
