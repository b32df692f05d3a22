import { injectable } from 'inversify';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import type { MeasuredClock, TimeAnswer, TimeNews } from '../../ports/configuration/venue-time.js';

/** Of a venue that tells no time: nothing is proven by an instant within this. */
const UNMEASURED_BOUND_MS = 60_000;
/** The host's clock may be this far from the venue's while the bot runs. */
const WIDEST_OFFSET_MS = 60_000;
/** An error of the bound beyond this decides nothing any more. */
const WIDEST_BOUND_MS = 1_000;
/** Two clocks drift apart by at most this, in parts per million. */
const DRIFT_PPM = 500;
/** The host's two clocks differ by more: one of them has stepped, or the machine slept. */
const STEP_MS = 250;
/** A stamp of whole milliseconds is up to one before its instant. */
const RESOLUTION_MS = 1;

interface Measure {
  /** Venue's instant at `monotonic`, and how wrong it may be. */
  readonly at: number;
  readonly errorMs: number;
  readonly monotonic: number;
  /** The host's wall clock at `monotonic`. */
  readonly wall: number;
}

/**
 * World time of the live world: the venue's clock as last measured, carried on by the host's monotonic clock, so that
 * neither a wrong wall clock nor a step of it moves it. The host's wall clock until it has been measured, and where the
 * venue tells no time. May step, both ways, when it is measured anew. Whole milliseconds, rounded down.
 */
@injectable()
export class VenueClock implements MeasuredClock {
  private measure: Measure | undefined;
  private isSuspected = false;
  private readonly listeners = new Set<(news: TimeNews) => void>();

  constructor(@inject(HostClock) private readonly host: HostClock) {}

  now(): number {
    return this.measure === undefined ? this.host.wall() : Math.floor(this.carried(this.measure));
  }

  get offsetMs(): number | undefined {
    return this.measure === undefined ? undefined : Math.round(this.carried(this.measure) - this.host.wall());
  }

  get boundMs(): number {
    return this.measure === undefined ? UNMEASURED_BOUND_MS : this.measuredMs;
  }

  get measuredMs(): number {
    if (this.measure === undefined) return 0;
    const { errorMs, monotonic } = this.measure;
    return Math.ceil(errorMs + ((this.host.monotonic() - monotonic) * DRIFT_PPM) / 1e6);
  }

  get doubt(): string | undefined {
    if (this.measure === undefined) return undefined;
    const offset = this.offsetMs ?? 0;
    if (Math.abs(offset) > WIDEST_OFFSET_MS)
      return `the host's clock is ${-offset} ms ahead of the venue's, at most ${WIDEST_OFFSET_MS} ms either way are allowed`;
    if (this.measuredMs > WIDEST_BOUND_MS)
      return `the venue's time is known to within ${this.measuredMs} ms, must be within ${WIDEST_BOUND_MS} ms`;
    if (this.isSuspected)
      return "the venue has refused an order for its time, and the venue's time has not been measured since";
    return this.stepped ? "the host's clock has stepped, and the venue's time has not been measured since" : undefined;
  }

  get stepped(): boolean {
    if (this.measure === undefined || this.isSuspected) return this.isSuspected;
    const { monotonic, wall } = this.measure;
    return Math.abs(this.host.wall() - wall - (this.host.monotonic() - monotonic)) > STEP_MS;
  }

  /** The quickest answer says most: its stamp was taken somewhere between question and answer. */
  adjust(answers: readonly TimeAnswer[]): void {
    const took = ({ askedAt, answeredAt }: TimeAnswer): number => answeredAt - askedAt;
    const best = answers.reduce((a, b) => (took(b) < took(a) ? b : a));
    const half = took(best) / 2;
    const before = this.now();
    const [monotonic, wall] = [this.host.monotonic(), this.host.wall()];
    this.measure = {
      at: best.at + half + (monotonic - best.answeredAt),
      errorMs: half + RESOLUTION_MS,
      monotonic,
      wall,
    };
    this.isSuspected = false;
    if (Math.abs(this.now() - before) > STEP_MS) this.tell('corrected');
  }

  suspect(): void {
    if (this.measure === undefined || this.isSuspected) return;
    this.isSuspected = true;
    this.tell('suspected');
  }

  onDoubt(listener: (news: TimeNews) => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  private tell(news: TimeNews): void {
    for (const listener of [...this.listeners]) listener(news);
  }

  private carried({ at, monotonic }: Measure): number {
    return at + (this.host.monotonic() - monotonic);
  }
}
