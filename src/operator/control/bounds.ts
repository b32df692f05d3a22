import { fault } from '../../domain/errors.js';

/** Half of the mark: beyond it nobody means a price, and at twice as much there is none. */
const MOST_SLIPPAGE_BPS = 5_000;
/** It stands in the journal, in logs and in every status. */
const LONGEST_REASON = 500;

/** Throws CTRL-002. */
export function assertReason(reason: string): void {
  if (reason.length <= LONGEST_REASON) return;
  throw fault('CTRL-002', `A reason must have at most ${LONGEST_REASON} characters, had ${reason.length}.`, {
    why: 'It stands in the journal, in the log and in every status.',
    fix: 'Say it in a sentence, and keep the rest elsewhere.',
  });
}

/** Throws CTRL-002. */
export function assertSlippage(bps: number): void {
  if (bps >= 0 && bps <= MOST_SLIPPAGE_BPS) return;
  throw fault('CTRL-002', `--max-slippage must be at most ${MOST_SLIPPAGE_BPS} bps, was ${bps}.`, {
    why: 'Further from the mark an order has no price that anybody means.',
    fix: 'Name fewer, or none: without it 100 bps hold, or the collar where that is narrower.',
  });
}

export const unjournaled = (): Error =>
  fault('STORE-004', 'The command must be in the journal before it is carried out, is not.', {
    fix: 'Repair the disk of the journal and restart.',
  });
