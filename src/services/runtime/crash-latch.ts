import { injectable } from 'inversify';
import { loosens, SAFETY_STATES, type SafetyState } from '../../domain/safety.js';
import { inject } from '../../injection/inject.js';
import { HostClock } from '../../ports/configuration/clock.js';
import { Logger } from '../../ports/configuration/logger.js';
import { ConfigController } from '../../ports/configuration/settings/config-controller.js';
import type { Lifecycle } from '../../ports/market-services/lifecycle.js';
import { EventStore, type StoredEvent } from '../../ports/storage/event-store.js';
import { SafetyLadder } from '../../ports/storage/safety-ladder.js';
import { isHarmless } from './fatal-record.js';

/** By the host's wall clock: a loop of crashes is one of the host. */
const WITHIN_MS = 600_000;
/** Records looked back on: far more than ten minutes of starts leave. */
const MOST_RECORDS = 1_000;
const TYPES = ['bot_start', 'bot_stop', 'fatal', 'safety_state'];

/**
 * A bot that dies again and again must not send orders each time. Every start is a record, and so is every stop in
 * order; a start without one was fatal, by whatever it died. After `tasks.fatalStarts` of them within ten minutes the
 * bot comes up LOCKED: it watches and answers, and sends nothing until an operator has resumed it. A start that ended
 * because a venue could not be reached does not count: nothing was sent, and it may succeed later. Nor does one that
 * was refused for what a person has to set right: LOCKED would keep cover from a position, too.
 */
@injectable()
export class CrashLatch implements Lifecycle {
  readonly name = 'crash-latch';
  private startedAs = 0;

  constructor(
    @inject(ConfigController) private readonly config: ConfigController,
    @inject(EventStore) private readonly events: EventStore,
    @inject(SafetyLadder) private readonly ladder: SafetyLadder,
    @inject(HostClock) private readonly clock: HostClock,
    @inject(Logger) private readonly logger: Logger,
  ) {}

  /** After the journal is open, before anything that could send. Rejects with what keeps the journal from writing. */
  async start(): Promise<void> {
    if (this.events.discards === true) return;
    const wall = this.clock.wall();
    const fatal = fatalStarts(this.events.query({ types: TYPES, limit: MOST_RECORDS }), wall);
    this.startedAs = (await this.events.appendDurable('bot_start', { wall, fatal_starts: fatal })).seq;
    if (fatal < this.config.current.tasks.fatalStarts) return;
    // What is stored is known before it is tightened: the record must say what the state was.
    this.ladder.restore();
    await this.ladder.tighten('LOCKED', 'crash_loop');
    this.logger.error('Started LOCKED: the bot has died again and again, and sends nothing until it is resumed', {
      fatal_starts: fatal,
      within_ms: WITHIN_MS,
    });
  }

  stop(): void {
    if (this.startedAs === 0) return;
    const died = this.events.query({ types: ['fatal'], after: this.startedAs, limit: 1 }).length > 0;
    this.startedAs = 0;
    if (!died) this.events.append('bot_stop', {});
  }
}

/** Starts of the last ten minutes without a stop in order, since the state was last loosened. Oldest record first. */
function fatalStarts(records: readonly StoredEvent[], now: number): number {
  // The last is the one that is running when its state is loosened.
  let starts: number[] = [];
  for (const { type, payload } of records) {
    if (type === 'bot_start') starts.push(Number(payload['wall']));
    else if (type === 'bot_stop' || (type === 'fatal' && isHarmless(payload))) starts.pop();
    else if (type === 'safety_state' && isLoosening(payload['from'], payload['to'])) starts = starts.slice(-1);
  }
  // A clock that was set back is no reason to forget a death.
  return starts.filter((wall) => Math.abs(now - wall) <= WITHIN_MS).length;
}

const isLoosening = (from: unknown, to: unknown): boolean => isState(from) && isState(to) && loosens(from, to);
const isState = (value: unknown): value is SafetyState => SAFETY_STATES.some((state) => state === value);
