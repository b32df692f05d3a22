import { plainText } from '../../flow/plain-text.js';
import { SingleBar } from 'cli-progress';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { OutputStream } from '../host.js';

const SHOW_AFTER_MS = 1_000;
const LINE_EVERY_MS = 10_000;
const LINE_EVERY_SHARE = 0.1;
const BAR_WIDTH = 20;
const PARTS = ' ▏▎▍▌▋▊▉█';

/**
 * Progress of a task on standard error. Nothing for the first second; then a bar on a terminal, and elsewhere a line
 * each ten seconds or ten per cent. Standard output is never touched.
 */
export class Progress {
  private readonly startedAt: number;
  private lineAt: number;
  private lineDone = 0;
  private bar: SingleBar | undefined;

  constructor(
    private readonly stream: OutputStream,
    private readonly clock: HostClock,
    private readonly title: string,
    private readonly total: number,
    /** What the units are called, for the rate. */
    private readonly unit: string,
  ) {
    this.startedAt = clock.monotonic();
    this.lineAt = this.startedAt;
  }

  update(done: number, note = ''): void {
    const now = this.clock.monotonic();
    if (now - this.startedAt < SHOW_AFTER_MS) return;
    if (this.stream.isTTY === true) this.draw(done, note);
    else if (now - this.lineAt >= LINE_EVERY_MS || done - this.lineDone >= this.total * LINE_EVERY_SHARE) {
      this.lineAt = now;
      this.lineDone = done;
      this.stream.write(`${this.text(done, note, '')}\n`);
    }
  }

  /** Takes the bar away: the result comes next. */
  stop(): void {
    this.bar?.stop();
    this.bar = undefined;
  }

  private draw(done: number, note: string): void {
    if (this.bar === undefined) {
      this.bar = new SingleBar({
        stream: this.stream,
        format: (_options, params, payload: { readonly note?: string }) =>
          this.text(params.value, payload.note ?? '', ` ${barOf(params.value / this.total)}`),
        fps: 10,
        clearOnComplete: true,
        hideCursor: true,
        // Signals belong to the command, not to a widget.
        gracefulExit: false,
      });
      this.bar.start(this.total, done, { note });
    }
    this.bar.update(done, { note });
  }

  private text(done: number, note: string, bar: string): string {
    const elapsed = (this.clock.monotonic() - this.startedAt) / 1_000;
    const rate = elapsed > 0 ? done / elapsed : 0;
    const rest = rate > 0 ? ` · ETA ${clockText((this.total - done) / rate)}` : '';
    return `${plainText(this.title)} ${Math.floor((100 * done) / Math.max(1, this.total))} %${bar} · ${rateText(rate)} ${this.unit}/s${rest}${note === '' ? '' : ` · ${plainText(note)}`}`;
  }
}

/** Eight steps to a character, so that it moves smoothly. */
function barOf(share: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * BAR_WIDTH * 8);
  const full = Math.floor(eighths / 8);
  const rest = full === BAR_WIDTH ? '' : PARTS.charAt(eighths % 8);
  return `▕${'█'.repeat(full)}${rest}${' '.repeat(BAR_WIDTH - full - rest.length)}▏`;
}

const clockText = (seconds: number): string =>
  `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** 412,345 as `412 k`. */
export function rateText(rate: number): string {
  if (rate >= 1e6) return `${(rate / 1e6).toFixed(1)} M`;
  return rate >= 1e3 ? `${Math.floor(rate / 1e3)} k` : String(Math.floor(rate));
}
