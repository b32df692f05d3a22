import type { Action } from '#src/domain/decision.js';
import type { Posting } from '#src/domain/ledger.js';
import type { Trace } from '#src/ports/runtime-state/trace.js';

/** Keeps decisions and postings, for assertions. */
export class RecordingTrace implements Trace {
  readonly decisions: {
    readonly symbol: string;
    readonly action: Action;
    readonly mark: number;
    readonly at: number;
  }[] = [];
  readonly postings: Posting[] = [];
  records = 0;

  header(): void {}
  decision(symbol: string, action: Action, mark: number, at: number): void {
    this.decisions.push({ symbol, action, mark, at });
  }
  order(): void {}
  fill(): void {}
  funding(): void {}
  posting(posting: Posting): void {
    this.postings.push(posting);
  }
  digest(): string {
    return '';
  }
}
