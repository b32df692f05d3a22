import { createHash } from 'node:crypto';
import { HOUR_MS } from '../../../domain/time-spans.js';
import type { Clock } from '../../../ports/configuration/clock.js';

const LIVES_MS = HOUR_MS;

/** Hears what happens to the account, and of the end of the key that it listens by. */
export interface UserListener {
  tell(event: unknown): void;
  ended(): void;
}

/** Of one account: a key lives for an hour, and as long again from each renewal. There is one at a time. */
export class ListenKeys {
  private readonly listeners = new Set<UserListener>();
  private key: string | undefined;
  private endsAt = Number.NEGATIVE_INFINITY;
  private made = 0;

  constructor(
    private readonly account: string,
    private readonly clock: Clock,
  ) {}

  /** The living one, renewed, or a new one. */
  open(): string {
    if (this.living === undefined)
      this.key = createHash('sha256')
        .update(`${this.account} ${(this.made += 1)}`)
        .digest('hex');
    this.endsAt = this.clock.now() + LIVES_MS;
    return this.key ?? '';
  }

  /** False where none lives. */
  renew(): boolean {
    if (this.living === undefined) return false;
    this.endsAt = this.clock.now() + LIVES_MS;
    return true;
  }

  /** Nobody hears anything by it from now on, and its listeners are told so. */
  end(): void {
    this.key = undefined;
    for (const listener of [...this.listeners]) listener.ended();
    this.listeners.clear();
  }

  get living(): string | undefined {
    if (this.clock.now() >= this.endsAt && this.key !== undefined) this.end();
    return this.key;
  }

  /** Undefined where the key is none that lives; else what ends the listening. */
  listen(key: string, listener: UserListener): (() => void) | undefined {
    if (this.living !== key) return undefined;
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  tell(event: unknown): void {
    if (this.living === undefined) return;
    for (const listener of [...this.listeners]) listener.tell(event);
  }
}
