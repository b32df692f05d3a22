import type { Decision } from '../../../../domain/decision.js';
import { SymbolMap } from '../../../../domain/symbol-map.js';
import { IntentRecords, type RecordPorts, type RecordedEvent } from './intent-records.js';

/** The records of strategies that are asked for decisions and have no desk. */
export class UndeskedRecords {
  private readonly kept = new SymbolMap<{ readonly records: IntentRecords; readonly event: Decided }>();

  constructor(private readonly ports: RecordPorts) {}

  of(symbol: string): IntentRecords | undefined {
    return this.kept.get(symbol)?.records;
  }

  decides(symbol: string, strategy: string, now: number, decision: Decision): void {
    if (this.ports.journal.discards === true) return;
    const instance = `${strategy}@${symbol}`;
    let known = this.kept.get(symbol);
    if (known?.event.instance !== instance) {
      const event: Decided = { instance, symbol, handler: 'decide', now };
      this.kept.set(symbol, (known = { event, records: new IntentRecords(event, this.ports) }));
    }
    known.event.now = now;
    known.records.decides(decision, undefined);
  }

  handedOver(symbol: string): void {
    this.kept.get(symbol)?.records.handedOver();
  }
}

interface Decided extends RecordedEvent {
  now: number;
}
