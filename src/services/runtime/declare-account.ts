import { fault, messageOf, type Problem } from '../../domain/errors.js';
import type { MarginMode, PositionMode } from '../../domain/order.js';
import { readAccountTerms } from '../../border/account-terms.js';
import { differencesOf, viewOf, type TermsDifference } from '../../border/declared-terms.js';
import { inTime, type InTime } from '../../flow/in-time.js';
import type { Logger } from '../../ports/configuration/logger.js';
import type { Scheduler } from '../../ports/configuration/scheduler.js';
import type { DeclaredAccount } from '../../ports/configuration/settings/declared-account.js';
import type { AccountStream } from '../../ports/core-services/execution.js';
import type { EventStore, Json } from '../../ports/storage/event-store.js';
import type { AccountAccess } from '../../ports/venue/account-access.js';
import type { AccountSettings } from '../../ports/venue/account-settings.js';
import type { AccountTerms } from '../../ports/venue/account-terms.js';
import type { Capabilities } from '../../ports/venue/capabilities.js';
import type { VenueSession } from '../../ports/venue/venue-session.js';

export interface DeclarationPorts extends Omit<InTime, 'scheduler'> {
  /** Nobody moves the world's time before a start is over. */
  readonly hostScheduler: Scheduler;
  readonly session: VenueSession;
  readonly access: AccountAccess;
  readonly settings: AccountSettings;
  /** Is told the terms as they were read last. */
  readonly account: Pick<AccountStream, 'accept'>;
  readonly events: EventStore;
  readonly logger: Logger;
}

/**
 * Compares the account with its declaration before anything trades, says what differs as a plan, changes it where
 * `account.apply` allows it and nothing is open, and reads it back; what still differs then tightens the safety state.
 * Throws VENUE-003 for what the venue cannot have or does not tell, and whatever the venue answers when it is asked: a
 * declaration that cannot be compared is none.
 */
export async function declareAccount(ports: DeclarationPorts): Promise<void> {
  const { account: declared } = ports.config.current;
  if (declared.permissionsUnchecked === true)
    ports.events.append('permissions_unchecked', { venue: ports.session.capabilities.venue });
  if (!isDeclared(declared)) return;
  const terms = await compared(declared, ports);
  ports.account.accept({ kind: 'terms', terms, at: ports.clock.now() });
}

async function compared(declared: DeclaredAccount, ports: DeclarationPorts): Promise<AccountTerms> {
  const { symbols, dryRun } = ports.config.current;
  const timed = { ...ports, scheduler: ports.hostScheduler };
  const { capabilities } = ports.session;
  refuseIfAny(impossible(declared, capabilities));
  const ask = async (): Promise<AccountTerms> =>
    readAccountTerms(await inTime(() => ports.access.describeAccount(symbols), timed));
  const found = await ask();
  const plan = differencesOf(declared, viewOf(found), symbols);
  refuseIfAny(
    plan
      .filter(({ now }) => now === undefined)
      .map((step) => untold(`${capabilities.venue} must tell ${nameOf(step)}, and does not.`, step.term)),
  );
  if (plan.length === 0) {
    ports.logger.info('The account trades as declared');
    return found;
  }
  const doesApply = declared.apply && !dryRun;
  ports.events.append('account_plan', { steps: plan.map(factsOf), applied: doesApply });
  for (const step of plan)
    ports.logger.warn(doesApply ? 'The account is to be changed' : 'The account is not as declared', { ...step });
  if (!doesApply) return found;
  for (const step of plan) await change(step, timed);
  const after = await ask();
  const left = differencesOf(declared, viewOf(after), symbols);
  ports.events.append('account_changed', { left: left.map(factsOf) });
  for (const step of left) ports.logger.error('The account could not be made as declared', { ...step });
  if (left.length === 0) ports.logger.info('The account was made as declared, and read back');
  return after;
}

const isDeclared = ({ positionMode, marginMode, leverage, multiAsset, feesIn }: DeclaredAccount): boolean =>
  [positionMode, marginMode, leverage, multiAsset, feesIn].some((value) => value !== undefined);

/** A change that the venue refuses is told, and stays a difference. */
async function change(
  { term, symbol = '', declared }: TermsDifference,
  ports: DeclarationPorts & InTime,
): Promise<void> {
  const { settings, access, logger } = ports;
  try {
    const held = (await inTime(() => access.listPositions(), ports)).filter(
      (position) => term === 'positionMode' || position.symbol === symbol,
    );
    if (held.length > 0) throw new Error('a position is open, whose margin it would change');
    if (term === 'positionMode') await inTime(() => settings.setPositionMode(declared as PositionMode), ports);
    else if (term === 'marginMode') await inTime(() => settings.setMarginMode(symbol, declared as MarginMode), ports);
    else if (term === 'leverage') await inTime(() => settings.setLeverage(symbol, Number(declared)), ports);
    else throw new Error('it is changed on the venue itself alone');
  } catch (error) {
    logger.error('A term of the account was not changed', { term, symbol, declared, error: messageOf(error) });
  }
}

function impossible(declared: DeclaredAccount, can: Capabilities): readonly Problem[] {
  const { positionMode, marginMode, leverage } = declared;
  const needs: readonly (readonly [boolean, string, string])[] = [
    [can.accountTerms === true, 'tell the terms of the account', 'Leave the section account out.'],
    [
      positionMode === undefined || (positionMode === 'hedge') === (can.hedges === true),
      `be run with ${positionMode ?? ''} positions`,
      `Declare account.positionMode: ${can.hedges === true ? 'hedge' : 'one_way'}.`,
    ],
    [
      marginMode === undefined || can.marginModes === undefined || can.marginModes.includes(marginMode),
      `have ${marginMode ?? ''} margin`,
      `Declare account.marginMode: ${(can.marginModes ?? []).join(' or ')}.`,
    ],
    [
      leverage === undefined || can.leverage === 'per_symbol' || can.leverage === 'account',
      'keep a leverage of the account',
      can.leverage === 'per_order' ? 'Leave account.leverage out: each order names its own.' : 'Leave it out.',
    ],
  ];
  return needs.flatMap(([holds, what, fix]) =>
    holds ? [] : [{ code: 'VENUE-003' as const, message: `${can.venue} must ${what}, and does not.`, fix }],
  );
}

const untold = (message: string, term: string): Problem => ({
  code: 'VENUE-003',
  message,
  where: `account.${term}`,
  fix: `Leave account.${term} out, and see to it on the venue itself.`,
});

function refuseIfAny(problems: readonly Problem[]): void {
  const [first] = problems;
  if (first === undefined) return;
  const { where, fix } = first;
  const only = { ...(where !== undefined && { where }), ...(fix !== undefined && { fix }) };
  const message = problems.map((problem) => problem.message).join(' ');
  throw fault('VENUE-003', message, problems.length === 1 ? only : { problems });
}

const nameOf = ({ term, symbol }: TermsDifference): string => (symbol === undefined ? term : `${term} of ${symbol}`);

const factsOf = ({ term, symbol, now, declared }: TermsDifference): Json => ({
  term,
  symbol: symbol ?? null,
  now: now ?? null,
  declared,
});
