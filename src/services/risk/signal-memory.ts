import { finding, type Assessment, type RiskFinding } from './assessment.js';

const REMEMBERED = 64;

/** Signals approved lately, per symbol: the same decision never becomes two orders. */
export class SignalMemory {
  private symbols = new Map<string, Set<string>>();

  check({ intent }: Assessment): RiskFinding | undefined {
    if (this.symbols.get(intent.instrument.symbol)?.has(intent.signalId) !== true) return undefined;
    return finding('duplicate_intent', `Signal ${intent.signalId} has already become an order.`);
  }

  remember({ intent }: Assessment): void {
    const { symbol } = intent.instrument;
    let signals = this.symbols.get(symbol);
    if (signals === undefined) {
      signals = new Set();
      this.symbols.set(symbol, signals);
    }
    if (signals.size >= REMEMBERED) {
      for (const oldest of signals) {
        signals.delete(oldest);
        break;
      }
    }
    signals.add(intent.signalId);
  }
  /** Forgets what is remembered from now on. */
  mark(): () => void {
    const before = new Map([...this.symbols].map(([symbol, signals]) => [symbol, new Set(signals)]));
    return () => {
      this.symbols = before;
    };
  }
}
