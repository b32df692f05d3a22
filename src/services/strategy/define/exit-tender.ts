import type { Position } from '../../../domain/position.js';
import { LadderKeeper } from '../exits/ladder-keeper.js';
import { CLOSE } from '../host/ticket-changes.js';
import type { ShortDesk } from '../host/short-desk.js';
import type { EntryKeeper } from './entries/entry-keeper.js';
import type { HeldStop } from './held-stop.js';
import type { PositionVerbs } from './position-verbs.js';

/** Brings the ladder and what is owed to what the position is, whenever something has happened. */
export class ExitTender {
  private readonly ladder = new LadderKeeper();
  private isStirred = true;
  /** Which position is being closed by the desk. */
  private leftAt: number | undefined;

  constructor(
    private readonly stop: HeldStop,
    private readonly entries: EntryKeeper,
    private readonly owed: Pick<PositionVerbs, 'owedLots' | 'look' | 'pay'>,
  ) {}

  /** Something has happened that the ladder may have to follow. */
  stir(): void {
    this.isStirred = true;
  }

  /** The desk closes this position: no rung takes its room. */
  leave({ openedAt }: Position): void {
    this.leftAt = openedAt;
  }

  /** A close that came to nothing is forgotten with the next step. */
  look(desk: ShortDesk): void {
    if (this.owed.look(desk)) this.isStirred = true;
    if (this.leftAt === undefined || desk.isClosing || desk.open({ tag: CLOSE }).length > 0) return;
    this.leftAt = undefined;
    this.isStirred = true;
  }

  tend(desk: ShortDesk, position: Position | undefined): void {
    if (!this.isStirred || position === undefined) return;
    this.isStirred = false;
    const isLeft = this.isBeingLeft(position);
    const ladder = isLeft ? undefined : this.stop.ladderOf(position);
    // Rungs of a position that nothing is remembered of stay where they are.
    if (position.lots === 0 || isLeft || this.stop.isKnown(position))
      this.ladder.tend(desk, position, ladder, !this.entries.isEmpty, this.owed.owedLots(desk));
    this.owed.pay(desk, position);
  }

  private isBeingLeft(position: Position): boolean {
    if (this.leftAt === undefined) return false;
    if (position.openedAt === this.leftAt && position.lots !== 0) return true;
    this.leftAt = undefined;
    return false;
  }
}
