import { HOUR_MS, MINUTE_MS } from '../../../../domain/time-spans.js';
import type { SuspensionCheck } from '../../../../ports/strategy/strategy-host.js';

/** Faults within so many of its events, and within an hour, after which a strategy is stopped. */
const FAULTS_LATELY = 3;
const EVENTS_LATELY = 10;
const FAULTS_AN_HOUR = 5;
const STORMS_AN_HOUR = 2;
/** One storm that goes on is one. */
const STORM_LASTS_MS = 10_000;
/** Minutes one after the other in which it asked for more entries than are allowed. */
const MINUTES_BEYOND = 3;

/** Why a strategy must be stopped by somebody who is not it. */
export interface WatchFinding {
  readonly check: SuspensionCheck;
  readonly reason: string;
}

/** Counts what a strategy does wrong. Event time alone: a backtest comes to the same as the bot. */
export class StrategyWatch {
  private events = 0;
  /** The newest, oldest first. */
  private readonly faults: { readonly event: number; readonly at: number }[] = [];
  private readonly storms: number[] = [];
  private stormSeen = Number.NEGATIVE_INFINITY;
  private minute = Number.NaN;
  private asked = 0;
  private beyond = 0;

  /** It has been told something. */
  told(): void {
    this.events += 1;
  }

  faulted(at: number): WatchFinding | undefined {
    const { faults, events } = this;
    faults.push({ event: events, at });
    if (faults.length > FAULTS_AN_HOUR) faults.shift();
    const [third, fifth] = [faults.at(-FAULTS_LATELY), faults.at(-FAULTS_AN_HOUR)];
    if (third !== undefined && events - third.event < EVENTS_LATELY)
      return { check: 'faults', reason: `failed ${FAULTS_LATELY} times in ${EVENTS_LATELY} of its events` };
    if (fifth !== undefined && at - fifth.at <= HOUR_MS)
      return { check: 'faults', reason: `failed ${FAULTS_AN_HOUR} times in an hour` };
    return undefined;
  }

  /** An intent was turned away because so many had been. */
  stormed(at: number): WatchFinding | undefined {
    const isNew = at - this.stormSeen > STORM_LASTS_MS;
    this.stormSeen = at;
    if (!isNew) return undefined;
    this.storms.push(at);
    if (this.storms.length > STORMS_AN_HOUR) this.storms.shift();
    const [first] = this.storms;
    if (this.storms.length < STORMS_AN_HOUR || first === undefined || at - first > HOUR_MS) return undefined;
    return { check: 'storm', reason: `went on asking for what was refused, ${STORMS_AN_HOUR} times in an hour` };
  }

  /** It has asked for an order that can increase what it holds, whatever became of that. */
  entry(at: number, perMinute: number): WatchFinding | undefined {
    const minute = Math.floor(at / MINUTE_MS);
    if (minute !== this.minute) {
      if (minute !== this.minute + 1 || this.asked <= perMinute) this.beyond = 0;
      [this.minute, this.asked] = [minute, 0];
    }
    this.asked += 1;
    if (this.asked !== perMinute + 1) return undefined;
    this.beyond += 1;
    if (this.beyond < MINUTES_BEYOND) return undefined;
    return {
      check: 'order_rate',
      reason: `asked for more than ${perMinute} entries a minute, for ${MINUTES_BEYOND} minutes`,
    };
  }

  /** A person has looked: what was before does not count any more. */
  forget(): void {
    this.faults.length = 0;
    this.storms.length = 0;
    this.stormSeen = Number.NEGATIVE_INFINITY;
    this.beyond = 0;
  }
}
