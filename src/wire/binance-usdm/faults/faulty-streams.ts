import type { Scheduler } from '../../../ports/configuration/scheduler.js';
import type { ServedSocket } from '../../../ports/transport/socket-server.js';
import type { StreamFault } from '../../../ports/venue/serving/wire-faults.js';

const DELAY_MS = 2_000;
const SLOW_MS = 5_000;

/** What the streams tell one client, and what becomes of it on the way. */
export class FaultyStreams {
  private readonly silent = new Set<string>();
  private readonly waiting: (() => void)[] = [];
  private readonly timers = new Set<() => void>();
  private held: (() => void) | undefined;
  private isDelayed = false;
  private isGone = false;

  constructor(
    private readonly socket: ServedSocket,
    private readonly happens: (fault: StreamFault) => boolean,
    private readonly scheduler: Scheduler,
  ) {}

  tell(name: string, data: string, send: (data: string) => void): void {
    if (this.isGone || this.silent.has(name) || this.breaks(name)) return;
    const isBook = name.includes('@depth');
    if (this.happens('drop') || (isBook && this.happens('sequence-gap'))) return;
    const told = isBook && this.happens('crossed-book') ? crossed(data) : data;
    const say = (): void => send(told);
    if (this.held === undefined && this.happens('reorder')) {
      this.held = say;
      return;
    }
    this.pass(say);
    if (this.happens('duplicate')) this.pass(say);
    if (this.held !== undefined) this.pass(this.held);
    this.held = undefined;
  }

  close(): void {
    this.isGone = true;
    for (const cancel of this.timers) cancel();
    this.timers.clear();
  }

  /** Nothing more is told, of this stream or of any. */
  private breaks(name: string): boolean {
    if (this.happens('silent-channel')) this.silent.add(name);
    else if (this.happens('half-open')) {
      this.isGone = true;
      this.socket.deafen();
    } else if (this.happens('disconnect')) {
      this.isGone = true;
      this.socket.reset();
    } else {
      if (this.happens('slow-reader')) this.readSlowly();
      return false;
    }
    return true;
  }

  private readSlowly(): void {
    this.socket.pause();
    this.after(SLOW_MS, () => this.socket.resume());
  }

  /** What comes while something waits, waits behind it. */
  private pass(say: () => void): void {
    if (!this.isDelayed && this.happens('delay')) {
      this.isDelayed = true;
      this.after(DELAY_MS, () => {
        this.isDelayed = false;
        for (const each of this.waiting.splice(0)) each();
      });
    }
    if (this.isDelayed) this.waiting.push(say);
    else say();
  }

  private after(ms: number, work: () => void): void {
    const cancel = this.scheduler.after(ms, () => {
      this.timers.delete(cancel);
      work();
    });
    this.timers.add(cancel);
  }
}

interface Diff {
  readonly a: readonly (readonly [string, string])[];
  readonly b: readonly (readonly [string, string])[];
}

/** Somebody bids a price that is asked, and more: no market is like that. */
function crossed(data: string): string {
  const diff = JSON.parse(data) as Diff;
  const asked = diff.a.find(([, size]) => Number(size) > 0);
  return asked === undefined ? data : JSON.stringify({ ...diff, b: [...diff.b, asked] });
}
