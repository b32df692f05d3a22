import type { SimulatedVenue } from '../../../venues/simulated/brokerage/venue.js';
import type { WireKey } from '../signatures.js';
import { AccountDesks } from './account-desks.js';
import type { WireAccountParts } from './wire-account.js';

/** Who may sign, and the exchange that keeps his account, which nobody else moves. */
export interface ServedAccount {
  readonly key: WireKey;
  readonly venue: () => SimulatedVenue;
}

/** The accounts of a server: each stands from the first request that its key signs, and costs nothing before. */
export class Accounts {
  private readonly open = new Map<string, AccountDesks>();

  constructor(
    private readonly served: readonly ServedAccount[],
    private readonly parts: Omit<WireAccountParts, 'venue' | 'key'>,
  ) {}

  /** Undefined for a key that is of no account. */
  of(key: string): AccountDesks | undefined {
    const open = this.open.get(key);
    const served = this.served.find((each) => each.key.key === key);
    if (open !== undefined || served === undefined) return open;
    const desks = new AccountDesks({ ...this.parts, key: served.key, venue: served.venue() });
    this.open.set(key, desks);
    return desks;
  }

  /** Undefined where nothing was asked by that key. */
  standing(key: string): AccountDesks | undefined {
    return this.open.get(key);
  }

  /** Those that stand. */
  all(): readonly AccountDesks[] {
    return [...this.open.values()];
  }

  close(): void {
    for (const desks of this.all()) desks.close();
    this.open.clear();
  }
}
