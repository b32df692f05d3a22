import { messageOf } from '../../../../domain/errors.js';
import { Attempts, type AttemptsTime } from '../../../../flow/attempts.js';
import { withDeadline } from '../../../../flow/deadline.js';
import type { Logger } from '../../../../ports/configuration/logger.js';
import type { RequestBudget } from '../../../../ports/core-services/request-budget.js';
import type { RunningSwitch } from '../../../../ports/core-services/dead-man-switch.js';
import type { PendingWork } from '../../../../ports/runtime-state/runtime-state.js';
import type { EventStore } from '../../../../ports/storage/event-store.js';
import type { OrderEntry } from '../../../../ports/venue/order-entry.js';

const RECORD = 'dead_man';
export const ACCOUNT = 'account';
const NEVER = Number.NEGATIVE_INFINITY;
/** Nothing rests any more, and the next order may be on its way: a quote that is set anew winds nothing down. */
const IDLE_MS = 1_000;
/** How often the venue is asked what stands where the switch may have ended it. */
const WATCH_MS = 1_000;
const LONGEST_PAUSE_MS = 10_000;
const RENEWALS = 3;

/** `running`: it must run. `off`: it must not, for its end would take protection along. `idle`: nobody needs it. */
export type WindingNeed = 'running' | 'off' | 'idle';

export interface CountdownPorts extends AttemptsTime {
  readonly entry: Pick<OrderEntry, 'setDeadMan'>;
  readonly journal: Pick<EventStore, 'append' | 'appendDurable' | 'discards'>;
  readonly pending: Pick<PendingWork, 'track'>;
  readonly budget: RequestBudget;
  readonly logger: Logger;
  readonly countdownMs: () => number;
  /** How long an answer may take: so long what was not answered may still arrive. */
  readonly requestTimeoutMs: () => number;
  /** It must not run, nobody has answered that it does not, and by now it may have ended what it ends. */
  readonly mayHaveRunOut: () => void;
  /** False where nothing is sent to the venue. */
  readonly maySend: () => boolean;
}

/**
 * The countdown of one scope: one request at a time, each until it is answered. It counts as running from the instant
 * in which the first request leaves, until a request that ends it is answered, and its end is asked for once more where
 * one before was not: that may arrive late, and would start it again.
 */
export class Countdown {
  private wanted: WindingNeed = 'idle';
  private state: 'off' | 'on' | 'doubt' = 'off';
  /** It does not run out before. */
  private until = NEVER;
  /** And if it runs, no later than this. */
  private runsOutBy = NEVER;
  private renewAt = NEVER;
  private idleSince = NEVER;
  /** What was not answered may arrive until then. */
  private straysUntil = NEVER;
  private isGoing = false;
  private isResting = false;
  private isRecorded = false;
  private readonly windings: Attempts;
  private readonly ends: Attempts;
  private timer: { readonly at: number; readonly cancel: () => void } | undefined;
  private cancelWatch: (() => void) | undefined;
  private waiting: (() => void)[] = [];

  constructor(
    readonly scope: string,
    private readonly ports: CountdownPorts,
  ) {
    this.windings = new Attempts(ports, 1, LONGEST_PAUSE_MS, 'query');
    this.ends = new Attempts(ports, 1, LONGEST_PAUSE_MS);
  }

  /** Proven to run, and what rests now goes with it. */
  get isRunning(): boolean {
    return this.state === 'on' && this.ports.clock.now() < this.until;
  }

  get isOff(): boolean {
    return this.state === 'off';
  }

  get running(): RunningSwitch | undefined {
    const { scope, state, isRunning, until } = this;
    if (state === 'off' && this.straysUntil === NEVER) return undefined;
    return { scope, isProven: isRunning, ...(isRunning ? { until } : {}) };
  }

  /** A process before may have left it running. */
  takeUp(): void {
    this.state = 'doubt';
    this.isRecorded = true;
    this.idleSince = NEVER;
    this.mayRun();
  }

  want(wanted: WindingNeed): void {
    if (this.wanted === wanted) return;
    this.wanted = wanted;
    if (wanted === 'idle') this.idleSince = this.ports.clock.now();
    this.tell();
    this.step();
    this.watch();
  }

  /** True once it runs for certain; false when it is not to, or nobody has said that it does. */
  async whenRunning(): Promise<boolean> {
    const { clock, requestTimeoutMs } = this.ports;
    const end = clock.now() + requestTimeoutMs();
    this.step();
    while (this.wanted === 'running' && !this.isRunning && this.isGoing && clock.now() < end) await this.next(end);
    return this.wanted === 'running' && this.isRunning;
  }

  /** True once it is off for certain, within this time. Nobody waits for what is not even asked by then. */
  async whenOff(limitMs: number): Promise<boolean> {
    const { clock } = this.ports;
    const end = clock.now() + limitMs;
    this.step();
    const mayHear = (): boolean => this.isGoing || this.ends.nextAt() < end;
    while (this.wanted === 'off' && !this.isOff && clock.now() < end && mayHear()) await this.next(end);
    return this.isOff;
  }

  /** Nothing is sent any more, and no timer is left. */
  rest(): void {
    this.isResting = true;
    this.cancelTimer();
    this.cancelWatch?.();
    this.windings.rest();
    this.ends.rest();
    this.tell();
  }

  /** What there is to do now. */
  step(): void {
    if (this.isGoing || this.isResting || !this.ports.maySend()) return;
    const now = this.ports.clock.now();
    if (this.wanted === 'running') {
      if (this.state === 'on' && now < this.renewAt) this.at(this.renewAt);
      else this.send(true);
    } else if (this.state !== 'off') {
      const from = this.wanted === 'off' ? now : this.idleSince + IDLE_MS;
      if (now < from) this.at(from);
      else this.send(false);
    } else if (this.straysUntil > NEVER) {
      if (now < this.straysUntil) this.at(this.straysUntil);
      else this.send(false);
    }
  }

  private send(winds: boolean): void {
    const { clock, pending } = this.ports;
    const attempts = winds ? this.windings : this.ends;
    if (clock.now() < attempts.nextAt()) {
      attempts.again(() => this.step());
      return;
    }
    this.isGoing = true;
    pending.track(
      this.ask(winds).then((isDone) => {
        this.isGoing = false;
        if (isDone) attempts.calm();
        else attempts.ended();
        this.tell();
        this.step();
      }),
    );
  }

  /** Never rejects. */
  private async ask(winds: boolean): Promise<boolean> {
    const { entry, clock, budget, logger, countdownMs, requestTimeoutMs } = this.ports;
    const kind = winds ? 'query' : 'protection';
    (winds ? this.windings : this.ends).sent();
    let sentAt = clock.now();
    try {
      if (winds) await this.record();
      // Whoever needs it off has asked while it was written down: nothing has left yet.
      if (winds && this.wanted !== 'running') return true;
      sentAt = clock.now();
      const isFirst = winds && this.state === 'off';
      if (isFirst) this.state = 'doubt';
      if (winds) this.mayRun();
      budget.sent(kind, sentAt);
      await entry.setDeadMan(winds ? countdownMs() : undefined, this.scope === ACCOUNT ? undefined : this.scope);
    } catch (error) {
      budget.heed(error, clock.now(), kind);
      if (winds) this.straysUntil = Math.max(this.straysUntil, clock.now() + requestTimeoutMs());
      else if (this.state === 'off') this.state = 'doubt';
      const what = winds ? "A dead man's switch was not wound up" : "A dead man's switch was not ended";
      logger.error(what, { scope: this.scope, error: messageOf(error) });
      return false;
    }
    if (winds) this.wound(sentAt);
    else this.ended();
    return true;
  }

  /** A request to wind it up leaves, and may take as long as an answer may. */
  private mayRun(): void {
    const { clock, countdownMs, requestTimeoutMs } = this.ports;
    this.runsOutBy = Math.max(this.runsOutBy, clock.now() + requestTimeoutMs() + countdownMs());
  }

  /** It must not run, and nobody knows that it does not: from where it may run out, until it no longer can. */
  private watch(): void {
    if (this.cancelWatch !== undefined || this.isResting || this.wanted !== 'off' || this.isOff) return;
    const { scheduler, clock, mayHaveRunOut } = this.ports;
    const now = clock.now();
    if (now > this.runsOutBy) return;
    const wait = Math.max(WATCH_MS, this.until - now);
    this.cancelWatch = scheduler.after(wait, () => {
      this.cancelWatch = undefined;
      if (this.isResting || this.wanted !== 'off' || this.isOff) return;
      mayHaveRunOut();
      this.watch();
    });
  }

  private wound(sentAt: number): void {
    const ms = this.ports.countdownMs();
    this.state = 'on';
    this.until = sentAt + ms;
    this.renewAt = sentAt + Math.floor(ms / RENEWALS);
  }

  private ended(): void {
    const { clock, journal } = this.ports;
    this.state = 'off';
    this.until = NEVER;
    if (clock.now() < this.straysUntil) return;
    this.straysUntil = NEVER;
    this.isRecorded = false;
    if (journal.discards !== true) journal.append(RECORD, { scope: this.scope, state: 'off' });
  }

  /** On disk before the first byte leaves: the next start must know of it. */
  private async record(): Promise<void> {
    const { journal, countdownMs, scheduler } = this.ports;
    if (this.isRecorded) return;
    const durable = journal.appendDurable(RECORD, { scope: this.scope, state: 'running', countdown_ms: countdownMs() });
    if (journal.discards !== true) scheduler.waitFor?.(durable);
    await durable;
    this.isRecorded = true;
  }

  private next(end: number): Promise<void> {
    const { clock, scheduler } = this.ports;
    const told = new Promise<void>((resolve) => this.waiting.push(resolve));
    return withDeadline(told, { scheduler, limitMs: Math.max(0, end - clock.now()), late: () => undefined });
  }

  private tell(): void {
    for (const told of this.waiting.splice(0)) told();
  }

  private at(at: number): void {
    if (this.timer?.at === at) return;
    this.cancelTimer();
    const cancel = this.ports.scheduler.after(Math.max(0, at - this.ports.clock.now()), () => {
      this.timer = undefined;
      this.step();
    });
    this.timer = { at, cancel };
  }

  private cancelTimer(): void {
    this.timer?.cancel();
    this.timer = undefined;
  }
}
