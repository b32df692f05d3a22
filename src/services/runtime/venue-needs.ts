import { clientOrderId } from '../../domain/client-order-id.js';
import { fault, type Problem } from '../../domain/errors.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';

/** More intents than one journal will ever number. */
const LAST_INTENT = 2 ** 49;
const LAST_ATTEMPT = 999;

/** Throws VENUE-003, naming everything, for a venue on which no bot can trade, whatever its strategy asks for. */
export function assertVenueServes(can: Capabilities, botId: string): void {
  const lacks = lacksOf(can, botId);
  const [first] = lacks;
  if (first === undefined) return;
  const problems = lacks.map(([what, fix]): Problem => ({
    code: 'VENUE-003',
    message: `${can.venue} must ${what}, and does not.`,
    fix,
  }));
  const message = problems.map((problem) => problem.message).join(' ');
  throw fault('VENUE-003', message, problems.length === 1 ? { fix: first[1] } : { problems });
}

type Need = readonly [what: string, fix: string];

function lacksOf(can: Capabilities, botId: string): readonly Need[] {
  const { orderTypes, timeInForce, clientOrderId: ids, streams, positionMode, hedges } = can;
  const longest = clientOrderId(botId, LAST_INTENT, LAST_ATTEMPT);
  const doFit = [longest, clientOrderId(botId, 0, 1)].every((id) => id.length <= ids.maxLength && ids.pattern.test(id));
  const canLeave = orderTypes.includes('market') || (orderTypes.includes('limit') && timeInForce.includes('IOC'));
  const needs: readonly (readonly [boolean, ...Need])[] = [
    [
      canLeave,
      'take market orders, or limits that are immediate or cancelled',
      'Choose a venue that does: nothing could be closed here.',
    ],
    [doFit, `take order ids like ${longest}`, 'Have its adapter translate ids, both ways.'],
    [streams.account, 'tell orders and fills as they happen', 'Have its adapter ask for them, and tell what is new.'],
    [
      positionMode.includes('one_way') || hedges === true,
      'net the positions of an instrument',
      'State hedges if positions are to be hedged.',
    ],
  ];
  return needs.flatMap(([holds, ...need]) => (holds ? [] : [need]));
}
