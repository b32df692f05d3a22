import type { Decimal } from '../domain/decimal.js';
import type { Liquidity } from '../domain/order.js';
import type { Brokerage } from '../ports/venue/brokerage.js';
import type { CancelResult } from '../ports/venue/cancel-result.js';
import type { RejectReason, SubmitResult } from '../ports/venue/submit-result.js';
import { REJECT_REASONS } from '../border/words.js';
import { misuse } from './misuse.js';

/** A price, a size or an amount, as a test likes to write it. */
export type Amount = Decimal | number | string;

/** A member of a venue that answers. */
export type BrokerMember = {
  [M in keyof Brokerage]: Brokerage[M] extends (...args: never[]) => Promise<unknown> ? M : never;
}[keyof Brokerage];

/** What a test says that one call is answered with. */
export interface Answer<A extends readonly unknown[] = readonly never[], T = unknown> {
  /** The call resolves to this. Without it, and without `reply`, to what the fake knows by then. */
  readonly value?: T;
  /** The same, made from what was asked. */
  readonly reply?: (...args: A) => T | Promise<T>;
  /** The call rejects with this: it could not ask, which is never the same as an empty answer. */
  readonly throws?: Error;
  /** Nothing ever comes back. */
  readonly silent?: true;
  /** World time until the answer is there. */
  readonly delayMs?: number;
}

/** One execution. What is not said: all that is left, at the order's own price or else the last one, as a taker. */
export interface FillPart {
  readonly size?: Amount;
  readonly price?: Amount;
  readonly liquidity?: Liquidity;
  /** Paid when positive, in settlement currency. Absent: by the instrument's rate. */
  readonly fee?: Amount;
  /** Paid when positive, by asset, in place of `fee`; another asset is booked at its quote in settlement currency. */
  readonly fees?: Readonly<Record<string, Amount>>;
  /** World time after the order has arrived. */
  readonly afterMs?: number;
}

/** What a test says of one placed order. Without anything it is accepted, and rests. */
export interface OrderAnswer extends Answer<Parameters<Brokerage['placeOrder']>, SubmitResult> {
  /** The venue's explicit refusal. */
  readonly refuse?: RejectReason;
  /** What the refusal says. */
  readonly message?: string;
  /** It executes: wholly, in part, or in several parts. */
  readonly fill?: 'all' | FillPart | readonly FillPart[];
  /** What becomes of the part that `fill` leaves; absent: it rests. */
  readonly rest?: 'cancelled' | 'expired';
  /**
   * The line broke, and the call resolves to `unknown`: before the order arrived, or after. With `silent` or `throws`
   * that is how the bot learns of it; these two alone mean that the order never arrived.
   */
  readonly lost?: 'request' | 'answer';
  /** World time until the order arrives; `delayMs` counts from there. */
  readonly transitMs?: number;
  /** World time for which lookups do not show the order and its fills yet. */
  readonly hiddenMs?: number;
  /** The venue has the order, no more: `broker.end(order, 'rejected_late', reason)` refuses it afterwards. */
  readonly stage?: 'received';
  /** The answer tells the order as it stands. */
  readonly tells?: true;
  /** False: the account stream says nothing of its fills. */
  readonly streamed?: boolean;
}

/** What a test says of one cancelled order. Without anything it ends if it was open. */
export interface CancelAnswer extends Answer<Parameters<Brokerage['cancelOrder']>, CancelResult> {
  /** As for an order. */
  readonly lost?: 'request' | 'answer';
  /** The venue has taken the request, and the order stays until a test ends it. */
  readonly requested?: true;
}

/** What may be scripted for a member. */
export type AnswerOf<M extends BrokerMember> = M extends 'placeOrder'
  ? OrderAnswer
  : M extends 'cancelOrder'
    ? CancelAnswer
    : Answer<Parameters<Brokerage[M]>, Awaited<ReturnType<Brokerage[M]>>>;

const ANY = ['value', 'reply', 'throws', 'silent', 'delayMs'];
const CANCEL = [...ANY, 'lost', 'requested'];
const ORDER = [
  ...ANY,
  'lost',
  'refuse',
  'message',
  'fill',
  'rest',
  'transitMs',
  'hiddenMs',
  'stage',
  'tells',
  'streamed',
];
const PART = ['size', 'price', 'liquidity', 'fee', 'fees', 'afterMs'];
/** Each says by itself what comes back. */
const OUTCOMES = ['value', 'reply', 'throws', 'silent', 'refuse', 'requested'];

/** Throws TEST-001 for an answer that says nothing the fake knows, or two things that exclude each other. */
export function checkAnswer(member: BrokerMember, answer: OrderAnswer): void {
  const what = `An answer of ${member}`;
  checkFields(what, answer, member === 'placeOrder' ? ORDER : member === 'cancelOrder' ? CANCEL : ANY);
  const said = OUTCOMES.filter((field) => field in answer);
  if (said.length > 1)
    throw misuse(
      `${what} must say one outcome, was ${said.join(' and ')}.`,
      'Script two answers, one after the other.',
    );
  if (answer.refuse !== undefined && !REJECT_REASONS.has(answer.refuse))
    throw misuse(
      `${what} must refuse with a reason that a venue can have, was ${JSON.stringify(answer.refuse)}.`,
      `Say one of ${[...REJECT_REASONS].join(', ')}.`,
    );
  const isRaw = 'value' in answer || 'reply' in answer;
  if (isRaw && (answer.lost ?? answer.fill ?? answer.transitMs) !== undefined)
    throw misuse(
      `${what} that is given word for word must not be lost, filled or under way.`,
      'Leave out value and reply: the fake then takes the order in and answers by itself.',
    );
  const arrives =
    answer.lost !== 'request' && (answer.lost !== undefined || !('throws' in answer || 'silent' in answer));
  if (answer.fill !== undefined && (!arrives || answer.refuse !== undefined))
    throw misuse(
      `${what} must not fill an order that is refused or never arrives.`,
      "Say lost: 'answer' where the order arrives and the bot does not learn of it.",
    );
  if (answer.rest !== undefined && answer.fill === undefined)
    throw misuse(`${what} must say fill with rest.`, 'End an order that rests by broker.end(order, status).');
  for (const field of ['delayMs', 'transitMs', 'hiddenMs'] as const) checkWait(`${field} of ${member}`, answer[field]);
  for (const part of partsOf(answer.fill)) checkPart(part);
}

/** The executions of an answer, one by one. */
export const partsOf = (fill: OrderAnswer['fill']): readonly FillPart[] =>
  fill === undefined ? [] : fill === 'all' ? [{}] : Array.isArray(fill) ? (fill as FillPart[]) : [fill as FillPart];

/** Throws TEST-001 for an execution that cannot be. */
export function checkPart(part: FillPart): void {
  checkFields('A fill', part, PART);
  for (const field of ['size', 'price'] as const) {
    const value = part[field];
    if (value !== undefined && !(Number(value) > 0))
      throw misuse(
        `The ${field} of a fill must be above zero, was ${value.toString()}.`,
        'Leave it out for all that is left.',
      );
  }
  checkWait('afterMs of a fill', part.afterMs);
}

function checkFields(what: string, value: object, known: readonly string[]): void {
  const unknown = Object.keys(value).filter((field) => !known.includes(field));
  if (unknown.length > 0) throw misuse(`${what} has no ${unknown.join(', ')}.`, `It has ${known.join(', ')}.`);
}

function checkWait(what: string, ms: number | undefined): void {
  if (ms !== undefined && !(ms >= 0 && Number.isFinite(ms)))
    throw misuse(`${what} must be zero or more milliseconds, was ${ms}.`, 'Write 250 for a quarter of a second.');
}
