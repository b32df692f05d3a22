import { fault } from '../../../domain/errors.js';
import type { LatencySettings } from '../../../ports/configuration/settings/latency-settings.js';
import type { InFlight } from '../../../ports/core-services/simulated-exchange.js';

/** Milliseconds to the matching engine, and back. */
interface Delay {
  readonly orderMs: number;
  readonly responseMs: number;
}

/** Where the delays of requests come from. */
export interface Delays {
  /** Nothing ever takes time. */
  readonly none: boolean;
  next(): Delay;
}

const constant = (delay: Delay): Delays => ({ none: delay.orderMs === 0 && delay.responseMs === 0, next: () => delay });

/** Rows drawn at random, the same ones for the same seed: the n-th draw depends on the seed and on n alone. */
function sampled(rows: readonly Delay[], seed: number): Delays {
  let drawn = 0;
  return {
    none: false,
    next: () => {
      drawn += 1;
      return rows[Math.floor((mix(seed + Math.imul(drawn, 0x9e3779b9)) / 2 ** 32) * rows.length)] as Delay;
    },
  };
}

/** The finaliser of MurmurHash3 (A. Appleby, public domain): every bit of the input moves every bit of the result. */
function mix(value: number): number {
  let h = value >>> 0;
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) >>> 0;
}

/**
 * The delays that are configured. `readText` is asked for the file where one is named; throws CFG-005 for one that is
 * none.
 */
export function delaysOf(
  latency: LatencySettings,
  seed: number,
  readText: (path: string) => string | undefined,
): Delays {
  const { file } = latency;
  return file === undefined ? constant(latency) : sampled(rowsOf(readText(file), file), seed);
}

function rowsOf(text: string | undefined, file: string): Delay[] {
  const bad = (was: string): Error =>
    fault('CFG-005', `simulation.latency.file must be a CSV of order_ms,response_ms with at least one row, ${was}.`, {
      where: file,
    });
  if (text === undefined) throw bad('and there is no such file');
  const [header = '', ...lines] = text.split(/\r?\n/u).filter((line) => line.trim() !== '');
  if (
    header
      .split(',')
      .map((name) => name.trim())
      .join(',') !== 'order_ms,response_ms'
  )
    throw bad(`and its header was ${header}`);
  if (lines.length === 0) throw bad('and it has none');
  return lines.map((line, index) => {
    const [orderMs = Number.NaN, responseMs = Number.NaN, ...more] = line
      .split(',')
      .map((field) => (field.trim() === '' ? Number.NaN : Number(field)));
    if (!(orderMs >= 0 && responseMs >= 0 && Number.isFinite(orderMs + responseMs)) || more.length > 0)
      throw bad(`and row ${index + 1} was ${line}`);
    return { orderMs, responseMs };
  });
}

interface Parcel {
  readonly at: number;
  readonly arrive: () => void;
  /** Instead of `arrive`, when the market ends first. */
  readonly drop: (() => void) | undefined;
}

/**
 * What travels between the bot and the matching engine, in venue time: requests one way, answers and reports back. A
 * request meets the market of the instant at which it arrives. Requests may overtake each other, as on connections of
 * their own; reports of the account come on one stream and never do. Whoever moves venue time delivers what is due
 * first.
 */
export class Wire implements InFlight {
  /** When the next parcel is due; infinite while nothing travels: a plain field, because every event asks. */
  nextAt = Number.POSITIVE_INFINITY;
  /** Requests that have not been answered. */
  travelling = 0;
  /** Told when something is due earlier than anything before. */
  onPost: (() => void) | undefined = undefined;
  /** What has travelled is arriving. */
  delivering = false;
  private parcels: Parcel[] = [];
  private delays: Delays = constant({ orderMs: 0, responseMs: 0 });
  private ended = false;
  private reportsAt = Number.NEGATIVE_INFINITY;

  /**
   * `now` is venue time, NaN before the first event: what is sent then does not travel. `asked`: that, or where the
   * world is already.
   */
  constructor(
    private readonly now: () => number,
    private readonly asked: () => number = now,
  ) {}

  get takesTime(): boolean {
    return !this.delays.none;
  }

  use(delays: Delays): void {
    this.delays = delays;
    this.ended = false;
  }

  /**
   * Sends a request; its answer, or its error, comes back when it is due. Without latency both have happened on return.
   */
  request<T>(work: () => T): Promise<T> {
    if (this.ended) return Promise.reject(fault('VENUE-002', 'The market has ended: the request cannot reach it.'));
    const sentAt = this.asked();
    if (this.delays.none || Number.isNaN(sentAt)) return new Promise((resolve) => resolve(work()));
    const { orderMs, responseMs } = this.delays.next();
    const arrivesAt = Math.ceil(sentAt + orderMs);
    this.travelling += 1;
    return new Promise((resolve, reject) => {
      const answer = (settle: () => void): void => {
        this.travelling -= 1;
        settle();
      };
      const arrive = (): void => {
        let settle: () => void;
        try {
          const result = work();
          settle = () => resolve(result);
        } catch (error) {
          settle = () => reject(error instanceof Error ? error : new Error(String(error)));
        }
        // From when it arrived, not from venue time: over bars the engine has walked to the close by then, and a venue
        // does not wait for the end of a bar with its answer.
        this.post(arrivesAt + responseMs, () => answer(settle));
      };
      this.post(arrivesAt, arrive, () =>
        answer(() => reject(fault('VENUE-002', 'The market ended while the request was on its way.'))),
      );
    });
  }

  /** Tells the account something. */
  report(tell: () => void): void {
    const now = this.now();
    if (this.delays.none || Number.isNaN(now)) {
      tell();
      return;
    }
    this.reportsAt = Math.max(this.reportsAt, now + this.delays.next().responseMs);
    this.post(this.reportsAt, tell);
  }

  /** Brings everything that is due by `until`, in order; `pass` is told each parcel's time before it arrives. */
  deliver(until: number, pass: (at: number) => void): void {
    for (let first = this.parcels[0]; first !== undefined && first.at <= until; first = this.parcels[0]) {
      this.parcels.shift();
      this.nextAt = this.parcels[0]?.at ?? Number.POSITIVE_INFINITY;
      this.delivering = true;
      try {
        pass(first.at);
        first.arrive();
      } finally {
        this.delivering = false;
      }
    }
  }

  /**
   * The market has ended: what the engine has said arrives, what has not reached it never will, nor does what is sent
   * from now on: it would meet prices that were gone before it could arrive.
   */
  close(): void {
    this.ended = true;
    this.delays = constant({ orderMs: 0, responseMs: 0 });
    const { parcels } = this;
    this.parcels = [];
    this.nextAt = Number.POSITIVE_INFINITY;
    for (const { arrive, drop } of parcels) (drop ?? arrive)();
  }

  /** Whole milliseconds, up: nothing is early. Parcels of one instant arrive in the order in which they were sent. */
  private post(due: number, arrive: () => void, drop?: () => void): void {
    const at = Math.ceil(due);
    let index = this.parcels.length;
    while (index > 0 && (this.parcels[index - 1] as Parcel).at > at) index -= 1;
    this.parcels.splice(index, 0, { at, arrive, drop });
    this.nextAt = (this.parcels[0] as Parcel).at;
    if (index === 0) this.onPost?.();
  }
}
