import { plainText } from '../../flow/plain-text.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { BotFigures } from '../bot-observer.js';
import { moneyText } from './format.js';
import type { OutputStream } from '../host.js';

const REDRAW_MS = 250;
const LINE_EVERY_MS = 10_000;
export const CLEAR = '\r\x1b[2K';

/**
 * One line about a running bot on standard error: redrawn in place on a terminal, a new line each ten seconds
 * elsewhere.
 */
export class StatusLine {
  private cancel: (() => void) | undefined;
  private shown = false;
  private lineAt: number;

  constructor(
    private readonly stream: OutputStream,
    private readonly timers: Scheduler,
    private readonly clock: HostClock,
    private readonly figures: () => BotFigures,
    /** The line is redrawn in place. */
    private readonly redrawn: boolean,
  ) {
    this.lineAt = clock.monotonic();
  }

  start(): void {
    const tick = (): void => {
      this.show();
      this.cancel = this.timers.after(REDRAW_MS, tick);
    };
    tick();
  }

  /** Leaves no half line behind. Idempotent. */
  stop(): void {
    this.cancel?.();
    this.cancel = undefined;
    if (this.shown) this.stream.write(CLEAR);
    this.shown = false;
  }

  private show(): void {
    if (this.redrawn) {
      this.shown = true;
      this.stream.write(`${CLEAR}${statusText(this.figures()).slice(0, Math.max(20, widthOf(this.stream) - 1))}`);
      return;
    }
    const now = this.clock.monotonic();
    if (now - this.lineAt < LINE_EVERY_MS) return;
    this.lineAt = now;
    this.stream.write(`${statusText(this.figures())}\n`);
  }
}

/** A terminal that does not know its width says 0. */
const widthOf = ({ columns }: OutputStream): number => (columns === undefined || columns === 0 ? 120 : columns);

function statusText(figures: BotFigures): string {
  const symbols = figures.symbols.map(
    ({ symbol, mark, position, bare }) =>
      `${symbol} ${mark?.toString() ?? 'no mark'}${position.isZero() ? ' flat' : ` pos ${position.toString()}${bare}`}`,
  );
  return plainText(
    [
      ...(figures.synthetic === undefined ? [] : ['SYNTHETIC']),
      ...symbols,
      `equity ${moneyText(figures.equity)}`,
      `net ${moneyText(figures.profit.net, true)}`,
      ...(figures.waitsFor === undefined
        ? [`orders ${figures.orders.attempted + figures.orders.others}`, `fills ${figures.fills}`]
        : [`no order yet: ${figures.waitsFor}`]),
      figures.safety,
      `cycle ${figures.cycles}`,
    ].join(' · '),
  );
}
