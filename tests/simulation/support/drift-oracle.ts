import type { VenuePosition } from '#src/domain/market.js';
import { SYMBOL, type FaultyWorld } from './faulty-world.js';

/** What the venue's newest answer said of the position, before anything happened to its rows. */
export class ToldPosition {
  answers = 0;
  size = '0';

  note(answer: Promise<readonly VenuePosition[]>): void {
    answer.then(
      (rows) => {
        this.answers += 1;
        this.size = rows.find(({ symbol }) => symbol === SYMBOL)?.size.toString() ?? '0';
      },
      () => undefined,
    );
  }
}

/** A difference that the bot has found must be one from what the venue said: a row that cannot be read is none. */
export function driftWatch(world: FaultyWorld, told: ToldPosition, say: (what: string) => void): () => void {
  let answers = 0;
  let known = 0;
  return () => {
    if (told.answers === answers) return;
    answers = told.answers;
    const drifts = world.records('position_drift');
    for (const { changes } of drifts.slice(known)) {
      const { venue } = (changes as Record<string, { readonly venue: string }>)[SYMBOL] ?? { venue: told.size };
      if (venue !== told.size) say(`the bot took the venue to hold ${venue}, and was told of ${told.size}`);
    }
    known = drifts.length;
  };
}
