import type { AskedOrder, StrategyRecord } from '../../backtest/explain/moment/strategy-records.js';
import type { FollowedOrder, Moment, MomentCover, SymbolMoment } from '../../backtest/explain/moment/moment.js';
import { chainsOf, type OrderChain } from '../../backtest/explain/moment/order-chains.js';
import type { OrderState } from '../../backtest/explain/moment/order-histories.js';
import type { Payload } from '../../ports/storage/event-store.js';
import type { Palette } from './palette.js';

/** One instant for people: what was shown, asked and refused, what came of it, and what protected the position. */
export function momentText({ at, safety, symbols }: Moment, source: string, colours: Palette): string {
  const lines = [colours.bold(isoOf(at)), '', `From ${source}, safety state ${safety ?? 'NORMAL'}.`];
  for (const each of symbols) lines.push('', ...ofSymbol(each, colours));
  return lines.join('\n');
}

function ofSymbol({ symbol, records, orders, exits, cover }: SymbolMoment, colours: Palette): string[] {
  const [first] = records;
  const shown = records.find(({ mark }) => mark !== undefined)?.mark;
  return [
    colours.bold([symbol, first?.instance].filter((part) => part !== undefined).join('  ')),
    `  shown: mark ${shown ?? 'not known'}, position ${cover.position}`,
    ...records.filter((record) => !isToldAlready(record, records)).map((record) => `  ${recordText(record)}`),
    ...chainsOf(orders).flatMap((chain) => chainText('order', chain)),
    ...chainsOf(exits).flatMap((chain) => chainText('exit', chain)),
    `  cover: ${coverText(cover)}`,
  ];
}

/** What a step came to may be what was refused in it, in the words of decisions. */
const isToldAlready = ({ kind, why }: StrategyRecord, records: readonly StrategyRecord[]): boolean =>
  kind === 'hold' &&
  records.some(({ refusal, why: of }) => refusal?.reason === why || why === `${of} (refused: ${refusal?.check ?? ''})`);

function recordText({ kind, handler, why, values, asked, refusal, gate, suppressed }: StrategyRecord): string {
  const told = handler === undefined || handler === '' ? '' : ` in ${handler}`;
  const more = suppressed === 0 ? '' : `; ${suppressed} more of the kind since the one before`;
  const reason = `${why}${valuesText(values)}`;
  if (kind === 'fault') return `failed${told}: ${why}`;
  if (kind === 'hold') return `${gate === undefined ? 'held still' : `was not asked (${gate})`}: ${reason}${more}`;
  const terms = asked === undefined ? '' : askedText(asked);
  if (refusal === undefined) return `${told === '' ? 'the bot did' : `asked${told}`}: ${terms}: ${reason}`;
  return `was refused${told}: ${terms}: ${reason}\n    ${refusal.check}: ${refusal.reason}${more}`;
}

function askedText(asked: AskedOrder): string {
  const { verb, tag, role, side, type, quantity, sentQuantity, limit, stop, clientId, plan } = asked;
  const size = asked.closesPosition ? 'the whole position' : quantity;
  const parts = [
    ...[verb === 'decide' ? 'place' : verb, role, side, size, type],
    limit === undefined ? undefined : `at ${limit}`,
    stop === undefined ? undefined : `from ${stop}`,
    asked.reduceOnly ? 'reduce-only' : undefined,
    tag === undefined ? undefined : `tag ${tag}`,
    clientId === undefined ? undefined : `order ${clientId}`,
    sentQuantity === undefined ? undefined : `sent as ${sentQuantity}`,
    plan === undefined ? undefined : `to be left by ${JSON.stringify(plan)}`,
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(' ');
}

/** An order, with a line for each one that has taken its place, and what was executed of all of them. */
function chainText(what: 'order' | 'exit', chain: OrderChain): string[] {
  const [first, ...others] = chain;
  const { id, side, type, why, states, isHeld } = first;
  const [made] = states;
  const of = isHeld ? 'stop held by the bot' : what;
  const terms = [`${of} ${id}:`, side, made.quantity, type, pricesText(made)].filter((part) => part !== '').join(' ');
  return [
    `  ${terms}${why === undefined ? '' : ` (${why})`}`,
    ...linesOf(others.length === 0 ? states : untilReplaced(states)),
    ...others.flatMap((order, index) => movedText(chain[index] as FollowedOrder, order, index + 1 < others.length)),
    ...chain
      .flatMap(({ fills }) => fills)
      .map(({ at, quantity, price: paid }) => `    ${isoOf(at)} executed ${quantity} at ${paid}`),
  ];
}

/** One line a move; what else became of the order that moved there follows it. */
function movedText(before: FollowedOrder, order: FollowedOrder, isReplaced: boolean): string[] {
  const [made] = order.states;
  const stood = before.states.at(-1) as OrderState;
  const why = order.why?.replace(STANDS_AT, '') ?? '';
  const more = (isReplaced ? untilReplaced(order.states) : order.states).filter(({ status }) => !COMES.has(status));
  return [
    `    ${isoOf(made.at)} ${changeText(stood, made)}, as ${order.id}${why === '' ? '' : `: ${why}`}`,
    ...linesOf(more),
  ];
}

/** The price is told already. */
const STANDS_AT = /^Protective stop at [\d.]+(: )?/;

/** That it left for the next one says that one. */
const untilReplaced = (states: readonly OrderState[]): readonly OrderState[] =>
  states.at(-1)?.status === 'cancelled' ? states.slice(0, -1) : states;

/** An order comes to stand so, and nothing is to be told of it. */
const COMES: ReadonlySet<string> = new Set(['planned', 'sending', 'open']);

function changeText(was: OrderState, is: OrderState): string {
  const moves = (['limit', 'stop'] as const).flatMap((price) =>
    was[price] === is[price] ? [] : [`${price} moved from ${was[price] ?? 'none'} to ${is[price] ?? 'none'}`],
  );
  if (was.quantity !== is.quantity) moves.push(`size from ${was.quantity} to ${is.quantity}`);
  return moves.length === 0 ? 'sent anew' : moves.join(', ');
}

const pricesText = ({ limit, stop }: OrderState): string =>
  [limit && `at ${limit}`, stop && `from ${stop}`].filter(Boolean).join(' ');

/** A line an instant: what came after one another in it stands there in its order. */
function linesOf(states: readonly OrderState[]): string[] {
  const lines: { readonly at: number; readonly said: string[] }[] = [];
  for (const [index, state] of states.entries()) {
    const said = stateText(state, states[index - 1]);
    const last = lines.at(-1);
    if (last?.at === state.at) last.said.push(said);
    else lines.push({ at: state.at, said: [said] });
  }
  return lines.map(({ at, said }) => `    ${isoOf(at)} ${said.join(', ')}`);
}

function stateText(state: OrderState, before: OrderState | undefined): string {
  const { status, filled, reason } = state;
  const isMoved = before !== undefined && (before.limit !== state.limit || before.stop !== state.stop);
  const terms = isMoved ? ` (${changeText(before, state)})` : '';
  return `${status}${Number(filled) === 0 ? '' : ` (${filled} executed)`}${terms}${reason === undefined ? '' : `: ${reason}`}`;
}

function coverText({ position, stops, isCovered }: MomentCover): string {
  if (isCovered === undefined) return 'nothing was held';
  const what = stops.map(({ id, left, stop, status }) => `${left} from ${stop ?? '?'} (${id}, ${status})`).join(', ');
  const by = what === '' ? '' : ` by ${what}`;
  return isCovered ? `${position} was covered${by}` : `${position} was not covered${what === '' ? '' : ' whole'}${by}`;
}

const valuesText = (values: Payload | undefined): string =>
  values === undefined || Object.keys(values).length === 0
    ? ''
    : ` (${Object.entries(values)
        .map(([name, value]) => `${name} ${JSON.stringify(value)}`)
        .join(', ')})`;

const isoOf = (at: number): string => new Date(at).toISOString();
