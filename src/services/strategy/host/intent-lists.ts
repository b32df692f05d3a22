import type { Decision } from '../../../domain/decision.js';
import type { ListPlace } from '../../../ports/core-services/risk-manager.js';
import type { Intent, IntentList } from '../../../ports/strategy/intent.js';
import type { ExitPlan } from './live-ticket.js';

/** An intent of a list. */
export type ListedIntent = Intent & { readonly within?: ListPlace; readonly plan?: ExitPlan } & Pick<Decision, 'cut'>;

/** The orders of a list, each with its place in it: an entry stands before what sleeps behind it. */
export function placesOf(list: IntentList): readonly ListedIntent[] {
  if (list.kind === 'batch') return list.intents;
  if (list.kind === 'oco') return list.intents.map((intent) => ({ ...intent, within: { group: list.kind } }));
  const within = { after: 0, ...(list.kind === 'bracket' ? { group: list.kind } : {}) };
  return [list.entry, ...list.exits.map((exit) => ({ ...exit, within }))];
}
