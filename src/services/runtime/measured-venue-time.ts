import { injectable } from 'inversify';
import { readServerTime } from '../../border/session.js';
import { fault, messageOf } from '../../domain/errors.js';
import { MINUTE_MS } from '../../domain/time-spans.js';
import { backoffMs } from '../../flow/backoff.js';
import { withDeadline } from '../../flow/deadline.js';
import { askUnlessHeld } from '../../flow/left-alone.js';
import { inject } from '../../injection/inject.js';
import { Clock, HostClock } from '../../ports/configuration/clock.js';
import { Logger } from '../../ports/configuration/logger.js';
import { HostScheduler, type Scheduler } from '../../ports/configuration/scheduler.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import { VenueTime, type TimeAnswer } from '../../ports/configuration/venue-time.js';
import type { VenueTimekeeper } from '../../ports/core-services/venue-timekeeper.js';
import { VenueSession } from '../../ports/venue/venue-session.js';
import { UNLIMITED } from '../../flow/unlimited-requests.js';
import { RequestBudget } from '../../ports/core-services/request-budget.js';

/** Answers that one measure takes: the quickest of them says how late it is. */
const QUESTIONS = 3;
const EVERY_MS = 5 * MINUTE_MS;
/** The host's two clocks differ by more between question and use: one of them has stepped, or the machine slept. */
const STEP_MS = 250;

/** An answer, with the host's wall clock at its question. */
interface Asked extends TimeAnswer {
  readonly wallAt: number;
}

/**
 * How often it is looked at whether the host's clock has stepped or the machine has slept. Until that is measured,
 * orders that expire may be refused by the venue, those of protection too.
 */
const LOOK_MS = 1_000;
/** How often a clock is measured that is too far off, and how rarely a failed measure is tried again at most. */
const DOUBT_MS = 10_000;
/** Until a step is measured orders may be refused for their time: the longest wait after a question that failed. */
const STEPPED_MS = 3_000;
const WARN_MS = 250;
/** A bot does not start with a clock that is further off than this. */
const START_LIMIT_MS = 1_000;

/**
 * Keeps world time the venue's: measured before the first signed call, every five minutes, and within a second of a
 * step of the host's clock. On the host's timers: the venue's time cannot tell when the venue is to be asked.
 */
@injectable()
export class MeasuredVenueTime implements VenueTimekeeper {
  readonly name = 'venue-time';
  private measuredAt = Number.NEGATIVE_INFINITY;
  private failures = 0;
  private failuresInRow = 0;
  /** On the host's monotonic clock. */
  private notBefore = Number.NEGATIVE_INFINITY;
  private measuring: Promise<void> | undefined;
  /** Orders have been refused for their time since it was measured: those of protection wait for this, too. */
  private isRefusing = false;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(VenueSession) private readonly session: VenueSession,
    @inject(VenueTime) private readonly time: VenueTime,
    @inject(HostClock) private readonly host: HostClock,
    @inject(Clock) private readonly clock: Clock,
    @inject(HostScheduler) private readonly scheduler: Scheduler,
    @inject(Logger) private readonly logger: Logger,
    @inject(RequestBudget) private readonly budget: RequestBudget = UNLIMITED,
  ) {}

  /** Worlds whose exchange lives on their own clock, and venues that tell no time, have nothing to keep. */
  get enabled(): boolean {
    return this.time.adjust !== undefined && this.session.capabilities.serverTime;
  }

  async begin(): Promise<void> {
    if (!this.enabled) {
      if (this.time.adjust !== undefined)
        this.logger.warn('The venue tells no time: its clock is taken to be within a minute of the host', {
          venue: this.session.capabilities.venue,
        });
      return;
    }
    await this.measure();
    const offset = this.time.offsetMs ?? 0;
    if (Math.abs(offset) - this.time.measuredMs <= START_LIMIT_MS) return;
    const way = offset < 0 ? 'ahead of' : 'behind';
    throw fault('VENUE-006', `The clock of this machine is ${Math.abs(offset)} ms ${way} the venue's.`, {
      why: `A bot starts within ${START_LIMIT_MS} ms: venues refuse requests that are signed at another time.`,
      fix: 'Set the clock (sudo chronyc makestep, or w32tm /resync on Windows) and keep it set by NTP.',
    });
  }

  async run(signal: AbortSignal): Promise<void> {
    // A refusal for an instant's sake is an answer: the venue can be asked now, however rarely it was asked of late.
    const ignore = this.time.onDoubt?.((news) => {
      if (news !== 'suspected') return;
      this.isRefusing = true;
      this.notBefore = Number.NEGATIVE_INFINITY;
      if (this.isDue()) void this.tryToMeasure();
    });
    while (!signal.aborted) {
      await this.scheduler.sleep(LOOK_MS, signal);
      if (!signal.aborted && this.isDue()) await this.tryToMeasure();
    }
    ignore?.();
    await this.measuring;
  }

  private tryToMeasure(): Promise<void> {
    this.measuring ??= this.measure()
      .catch((error: unknown) => {
        this.failures += 1;
        this.failuresInRow += 1;
        // A position may be bare for as long as this waits: not ever more rarely then, but by one question each time.
        const longestMs = this.isRefusing ? LOOK_MS : this.time.stepped ? STEPPED_MS : DOUBT_MS;
        this.notBefore = this.host.monotonic() + backoffMs(this.failuresInRow, LOOK_MS, longestMs);
        this.logger.warn("The venue's time could not be measured", { error: messageOf(error) });
      })
      .finally(() => (this.measuring = undefined));
    return this.measuring;
  }

  status(): Record<string, unknown> {
    const { offsetMs, boundMs, doubt } = this.time;
    return { offset_ms: offsetMs ?? null, bound_ms: boundMs, doubt: doubt ?? null, failures: this.failures };
  }

  private isDue(): boolean {
    const { time } = this;
    const now = this.host.monotonic();
    if (now < this.notBefore || this.isHeld()) return false;
    return time.stepped || now - this.measuredAt >= (time.doubt === undefined ? EVERY_MS : DOUBT_MS);
  }

  /** The venue wants to be left alone. World time goes on with the host's monotonic clock, whatever the wall shows. */
  private isHeld(): boolean {
    return this.budget.heldUntil(this.clock.now()) !== undefined;
  }

  private async measure(): Promise<void> {
    const answers: Asked[] = [];
    let failure: unknown;
    const isOver = (): boolean => this.isHeld() || ((this.isRefusing || this.time.stepped) && failure !== undefined);
    for (let i = 0; i < QUESTIONS && !(i > 0 && isOver()); i += 1) {
      try {
        answers.push(await this.ask());
        // Time that is known to be wrong is put right by the first answer, and better by the best of them.
        if (this.time.stepped) this.adjust(answers);
      } catch (error) {
        failure = error;
      }
    }
    if (answers.length === 0) throw failure;
    if (!this.adjust(answers))
      throw fault('VENUE-006', 'The clocks of this machine stepped while the time was asked for.');
    this.measuredAt = this.host.monotonic();
    this.failuresInRow = 0;
    this.isRefusing = false;
    const offset = this.time.offsetMs ?? 0;
    if (Math.abs(offset) > WARN_MS)
      this.logger.warn("The host's clock is off the venue's", { offsetMs: offset, boundMs: this.time.boundMs });
  }

  /**
   * By the answers of the clocks that still go on. One that was asked for before the machine slept, or before its wall
   * clock was set, tells nothing of now: its own instants look like the others'. False where none is left.
   */
  private adjust(answers: readonly Asked[]): boolean {
    const [wall, monotonic] = [this.host.wall(), this.host.monotonic()];
    const good = answers.filter(({ wallAt, askedAt }) => Math.abs(wall - wallAt - (monotonic - askedAt)) <= STEP_MS);
    if (good.length > 0) this.time.adjust?.(good);
    return good.length > 0;
  }

  private async ask(): Promise<Asked> {
    const { budget, clock } = this;
    const [wallAt, askedAt] = [this.host.wall(), this.host.monotonic()];
    const limit = { scheduler: this.scheduler, limitMs: this.config.current.execution.requestTimeoutMs };
    const told = await withDeadline(
      askUnlessHeld(() => this.session.getServerTime(), { budget, clock }),
      limit,
    );
    const at = readServerTime(told, this.host.wall());
    return { at, askedAt, wallAt, answeredAt: this.host.monotonic() };
  }
}
