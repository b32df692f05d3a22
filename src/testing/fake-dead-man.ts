import type { ManualScheduler } from './manual-scheduler.js';

/** The fake's dead man's switches, one for each symbol that has one, and one for the account beside them. */
export class FakeDeadMan {
  private readonly running = new Map<string, { readonly endsAt: number; readonly cancel: () => void }>();

  /** `end` is called for the symbol, or for the account, once its countdown is over. */
  constructor(
    private readonly scheduler: ManualScheduler,
    private readonly end: (symbol: string | undefined) => void,
  ) {}

  /** When it runs out; undefined while it does not run. */
  endsAt(symbol?: string): number | undefined {
    return this.running.get(scopeOf(symbol))?.endsAt;
  }

  /** Starts or renews it; undefined or 0 ends it. */
  windUp(countdownMs: number | undefined, symbol: string | undefined): void {
    const scope = scopeOf(symbol);
    this.running.get(scope)?.cancel();
    this.running.delete(scope);
    if (countdownMs === undefined || countdownMs === 0) return;
    const cancel = this.scheduler.after(countdownMs, () => {
      this.running.delete(scope);
      this.end(symbol);
    });
    this.running.set(scope, { endsAt: this.scheduler.clock.now() + countdownMs, cancel });
  }
}

const scopeOf = (symbol: string | undefined): string => symbol ?? 'account';
