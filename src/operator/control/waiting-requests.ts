import { messageOf } from '../../domain/errors.js';
import { isTighter, type SafetyState } from '../../domain/safety.js';
import { DAY_MS } from '../../domain/time-spans.js';
import { backoffMs } from '../../flow/backoff.js';
import type { HostClock } from '../../ports/configuration/clock.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Operator } from '../../ports/core-services/operator-control.js';
import type { EventStore, Payload } from '../../ports/storage/event-store.js';
import type { DirectOrder, OperatorRequest, OperatorRequests } from '../../ports/storage/operator-requests.js';
import type { SafetyLadder } from '../../ports/storage/safety-ladder.js';

/** A request to resume that is older than this was not meant for this start. */
export const RESUME_WITHIN_MS = DAY_MS;
/** The venue is asked again whether anything differs, ever more rarely. */
const FIRST_PAUSE_MS = 5_000;
const LONGEST_PAUSE_MS = 60_000;
/** Two hosts' clocks, or one that was set, may differ by so much. */
const CLOCKS_DIFFER_MS = 300_000;

const OVERTAKEN = 'A request to resume was overtaken and was not honoured';

/** Whether a request to resume of this instant still holds at that one. */
export function isInTime(at: number, now: number): boolean {
  const age = now - at;
  return age <= RESUME_WITHIN_MS && age >= -CLOCKS_DIFFER_MS;
}

export interface WaitingPorts {
  readonly requests: OperatorRequests;
  readonly ladder: Pick<SafetyLadder, 'heed' | 'state'>;
  readonly events: EventStore;
  readonly clock: HostClock;
  readonly logger: Logger;
  /** Carries out what tightens; true once it is in the journal. */
  readonly begin: (command: 'halt' | 'reduce-only', by: Operator, asked: Payload) => Promise<boolean>;
  /** Takes what was sent past the bot for its own. */
  readonly takeDirect: (orders: readonly DirectOrder[]) => void;
  readonly loosen: (by: Operator, asked: Payload) => Promise<void>;
  /** Lets one suspended strategy go on. */
  readonly letGoOn: (id: string, by: Operator, asked: Payload) => Promise<void>;
  /** In what bot and venue differ. */
  readonly differences: () => Promise<readonly string[]>;
}

/** A request to resume that has been looked into and cannot be honoured yet. */
interface Put {
  readonly state: SafetyState;
  readonly tries: number;
  /** Monotonic. */
  readonly nextAt: number;
}

/** What was left beside the journal, each taken into it once. */
export class WaitingRequests {
  /** Those that are being taken. */
  private readonly taken = new Set<string>();
  private readonly put = new Map<string, Put>();
  private ready = false;

  constructor(private readonly ports: WaitingPorts) {}

  close(): void {
    this.ready = false;
  }

  takeUp(): void {
    const waiting = this.waiting();
    const newestTight = waiting.findLastIndex(({ command }) => command === 'halt' || command === 'reduce-only');
    for (const [index, request] of waiting.entries()) {
      const { command, actor, reason } = request;
      if (this.taken.has(request.id)) continue;
      if (command === 'strategy resume') {
        this.taken.add(request.id);
        void this.letGoOn(request).then(() => this.putAway(request, true));
        continue;
      }
      if (command === 'resume') {
        if (index < newestTight) this.overtake(request);
        continue;
      }
      this.taken.add(request.id);
      const { direct } = request;
      const sent = direct === undefined ? {} : { direct: direct.map((order) => ({ ...order })) };
      const asked = { request: request.id, asked_at: request.at, ...sent };
      const begun = this.ports.begin(command, { actor, reason }, asked);
      // Behind the command that explains them.
      if (direct !== undefined) this.ports.takeDirect(direct);
      void begun.then((isNoted) => this.putAway(request, isNoted));
    }
    if (this.ready) this.honour();
  }

  honour(): void {
    this.ready = true;
    for (const request of this.waiting()) {
      if (request.command !== 'resume' || this.taken.has(request.id)) continue;
      if (this.ports.clock.monotonic() < (this.put.get(request.id)?.nextAt ?? -Infinity)) continue;
      this.taken.add(request.id);
      void this.resumeAsAsked(request).then((isOver) => {
        if (isOver) this.putAway(request, true);
        else this.taken.delete(request.id);
      });
    }
  }

  /**
   * A request that was left while no bot ran is honoured after the first look at which bot and venue agree, soon after
   * it was made. It lifts nothing that came after it was first looked into. True when it is used up. Never rejects.
   */
  private async resumeAsAsked({ id, actor, reason, at }: OperatorRequest): Promise<boolean> {
    const asked = { request: id, asked_at: at };
    if (!isInTime(at, this.ports.clock.wall())) {
      this.dismiss('A request to resume is too old and was not honoured', 'too_old', actor, asked);
      return true;
    }
    const before = this.put.get(id)?.state ?? this.ports.ladder.state;
    if (await this.waits(id, actor, before, asked)) return false;
    if (isTighter(this.ports.ladder.state, before)) {
      this.dismiss(OVERTAKEN, 'overtaken', actor, asked);
      return true;
    }
    try {
      await this.ports.loosen({ actor, reason }, asked);
    } catch (error) {
      this.ports.logger.error('A request to resume was not honoured', { actor, error: messageOf(error) });
    }
    return true;
  }

  /** Needs no venue: it is done before anything trades. Used up, whatever comes of it. Never rejects. */
  private async letGoOn({ id, strategy = '', actor, reason, at }: OperatorRequest): Promise<void> {
    const asked = { request: id, asked_at: at };
    if (!isInTime(at, this.ports.clock.wall())) {
      this.dismiss('A request to resume a strategy is too old and was not honoured', 'too_old', actor, {
        ...asked,
        command: 'strategy resume',
        strategy,
      });
      return;
    }
    try {
      await this.ports.letGoOn(strategy, { actor, reason }, asked);
    } catch (error) {
      this.ports.logger.error('A request to resume a strategy was not honoured', {
        ...{ strategy, actor, error: messageOf(error) },
      });
    }
  }

  /** What tightens is newer, whatever was left in between by an operator who was cut off. */
  private overtake(request: OperatorRequest): void {
    this.dismiss(OVERTAKEN, 'overtaken', request.actor, { request: request.id, asked_at: request.at });
    this.putAway(request, true);
  }

  /** Said once: what it waits for may take its time. */
  private async waits(id: string, actor: string, state: SafetyState, asked: Payload): Promise<boolean> {
    const { clock, events, logger } = this.ports;
    const differences = await this.differences();
    if (differences.length === 0) return false;
    const tries = (this.put.get(id)?.tries ?? 0) + 1;
    this.put.set(id, {
      state,
      tries,
      nextAt: clock.monotonic() + backoffMs(tries, FIRST_PAUSE_MS, LONGEST_PAUSE_MS),
    });
    if (tries === 1) {
      logger.warn('A request to resume waits until bot and venue agree', { actor, differences });
      events.append('operator_outcome', { command: 'resume', actor, outcome: 'waits', differences, ...asked });
    }
    return true;
  }

  private async differences(): Promise<readonly string[]> {
    try {
      return await this.ports.differences();
    } catch (error) {
      return [messageOf(error)];
    }
  }

  private dismiss(why: string, outcome: string, actor: string, asked: Payload): void {
    this.ports.logger.warn(why, { actor, ...asked });
    this.ports.events.append('operator_outcome', { command: 'resume', actor, outcome, ...asked });
  }

  /** One that cannot be read is heeded by the safety state itself. */
  private waiting(): readonly OperatorRequest[] {
    try {
      return this.ports.requests.waiting();
    } catch (error) {
      this.ports.logger.error('Requests of operators cannot be read', { error: messageOf(error) });
      this.ports.ladder.heed();
      return [];
    }
  }

  private putAway(request: OperatorRequest, isNoted: boolean): void {
    if (!isNoted) return;
    try {
      this.ports.requests.done(request);
      this.taken.delete(request.id);
      this.put.delete(request.id);
    } catch (error) {
      this.ports.logger.error('A request that was taken up could not be removed', {
        request: request.id,
        error: messageOf(error),
      });
    }
  }
}
