import { existsSync } from 'node:fs';
import { FixedConfigController } from '../../config/index.js';
import { fault, PerpsBotError } from '../../src/domain/errors.js';
import { withDeadline } from '../../src/flow/deadline.js';
import { heldReason } from '../../src/flow/left-alone.js';
import { ClosedHttp } from '../../src/operator/beside/closed-http.js';
import { compareAccount } from '../../src/services/execution/review/compare-account.js';
import { hostTime } from '../../src/platform/time/host-time.js';
import { Clock } from '../../src/ports/configuration/clock.js';
import { HostScheduler, Scheduler } from '../../src/ports/configuration/scheduler.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { ConfigController } from '../../src/ports/configuration/settings/config-controller.js';
import type { ReconcileReport } from '../../src/ports/core-services/account-review.js';
import { AccountStream, OrderLog } from '../../src/ports/core-services/execution.js';
import { ProductCatalogue } from '../../src/ports/core-services/product-catalogue.js';
import { RequestBudget } from '../../src/ports/core-services/request-budget.js';
import { VenueTimekeeper } from '../../src/ports/core-services/venue-timekeeper.js';
import { OpenOrders } from '../../src/ports/runtime-state/open-orders.js';
import { Portfolio } from '../../src/ports/runtime-state/portfolio.js';
import { EventStore, type StoredEvent } from '../../src/ports/storage/event-store.js';
import { SAMPLES } from '../../src/ports/storage/journal-folds.js';
import { OrdersStore } from '../../src/ports/storage/orders-store.js';
import { HttpClient, type HttpRequest } from '../../src/ports/transport/http-client.js';
import { AccountAccess } from '../../src/ports/venue/account-access.js';
import { VenueSession } from '../../src/ports/venue/venue-session.js';
import { recordTypes, tail } from '../../src/storage/journal-reader.js';
import { CopiedJournal } from '../../src/storage/memory/copied-journal.js';
import { journalPath } from '../../src/storage/sqlite/journal-format.js';
import { mayLook } from '../../src/venues/binance-usdm/rest/narrow-ways.js';
import { composeBot } from '../create-bot.js';
import type { BotContainer } from '../container.js';

/** The parts of a bot that never starts, over a copy of another's journal and a venue client of this process. */
export interface AccountBeside {
  readonly container: BotContainer;
  readonly http: ClosedHttp;
  /** Leaves the venue. Never rejects. */
  close(): Promise<void>;
}

/** How long the venue may take to be reached, all questions that come before the command's own together. */
const CONNECT_MS = 20_000;
const MS_PER_SECOND = 1_000;
const SPARE_MS = 500;

interface BesideOptions {
  /** False: what cannot be read is gone without. */
  readonly isJournalNeeded?: boolean;
  readonly withinMs?: number;
  /** Rebinds before anything is built. */
  readonly overrides?: (container: BotContainer) => void;
}

/** A venue that has been asked too much is waited for once: a minute of its own. */
const LONGEST_WAIT_MS = 61_000;

/**
 * Connects, and reads the journal as its bot would at a start, without its lock. What may leave for the venue is said
 * by `mayLeave`. Throws CTRL-002 where the venue lives in the bot, STORE-005 for a key of another account than the
 * journal's, and whatever the venue answers.
 */
export async function openBeside(
  config: BotConfig,
  directory: string,
  mayLeave: (request: HttpRequest) => boolean,
  { isJournalNeeded = true, withinMs = CONNECT_MS, overrides }: BesideOptions = {},
): Promise<AccountBeside> {
  if (config.world !== 'live')
    throw fault(
      'CTRL-002',
      `The venue of a bot in the ${config.world} world must be asked by the bot, which is not there.`,
      {
        fix: 'Of a live bot, name its configuration with --config. Of any other start it: its exchange lives inside.',
      },
    );
  let closed: ClosedHttp | undefined;
  const { container } = composeBot({
    controller: new FixedConfigController(quiet(config)),
    overrides: (own) => {
      own
        .rebind(EventStore)
        .toConstantValue(new CopiedJournal(recordsOf(directory, isJournalNeeded), () => hostTime.wall()));
      overrides?.(own);
      own.injectAs(HttpClient, (inner) => (closed = new ClosedHttp(inner, mayLeave)));
    },
  });
  const session = container.get(VenueSession);
  container.get(HttpClient);
  if (closed === undefined)
    throw fault('DI-001', 'The way to the venue must be narrowed before it is gone, and is not.');
  const beside: AccountBeside = {
    container,
    http: closed,
    close: async () => {
      await session.disconnect().catch(() => undefined);
      container.get(HttpClient).close();
    },
  };
  const { venue, environment } = session.capabilities;
  const late = (): never => {
    throw fault(
      'VENUE-002',
      `${venue} (${environment}) must answer within ${withinMs / MS_PER_SECOND} s, and has not.`,
      { fix: 'Look whether the venue is up, and at what stands between it and this host; then do it again.' },
    );
  };
  try {
    // The venue's client knows best whom it has not reached, and says so before the time is over.
    const reached = open(container, AbortSignal.timeout(withinMs - SPARE_MS));
    await withDeadline(reached, { scheduler: container.get(HostScheduler), limitMs: withinMs, late });
    return beside;
  } catch (error) {
    await beside.close();
    throw error;
  }
}

async function open(container: BotContainer, signal: AbortSignal): Promise<void> {
  await container.get(VenueSession).connect(signal);
  await container.get(VenueTimekeeper).begin().catch(unlessOfTheClock);
  await assertAccount(container);
  await container.get(ProductCatalogue).refresh();
}

/**
 * What the journal knows against what the venue holds; nothing is written and nothing is sent. `tell` hears what is
 * waited for.
 */
export async function compareBeside(
  config: BotConfig,
  directory: string,
  tell: (waits: string) => void,
): Promise<ReconcileReport> {
  const beside = await openBeside(config, directory, mayLook);
  const { container } = beside;
  try {
    restoreIn(container);
    const report = await compareIn(container);
    const now = container.get(Clock).now();
    const until = container.get(RequestBudget).heldUntil(now);
    if (!report.agreed && until !== undefined && until - now <= LONGEST_WAIT_MS) {
      tell(heldReason(until));
      await container.get(HostScheduler).sleep(until - now);
      return await compareIn(container);
    }
    return report;
  } finally {
    await beside.close();
  }
}

/** Orders, fills and money as the journal has them. */
export function restoreIn(container: BotContainer): void {
  const [orders, open, catalogue] = [
    container.get(OrdersStore),
    container.get(OpenOrders),
    container.get(ProductCatalogue),
  ];
  orders.load((symbol) => catalogue.find(symbol));
  for (const order of orders.open()) open.put(order);
  container.get(AccountStream).restore();
}

export function compareIn(container: BotContainer): Promise<ReconcileReport> {
  return compareAccount({
    session: container.get(VenueSession),
    account: container.get(AccountAccess),
    log: container.get(OrderLog),
    portfolio: container.get(Portfolio),
    catalogue: container.get(ProductCatalogue),
    events: container.get(EventStore),
    config: container.get(ConfigController),
    scheduler: container.get(Scheduler),
    clock: container.get(Clock),
    budget: container.get(RequestBudget),
  });
}

/** A key of another account would compare two strangers. */
async function assertAccount(container: BotContainer): Promise<void> {
  const account = await container.get(VenueSession).getAccountId();
  const own = container.get(EventStore).query({ types: ['account'], limit: 1 })[0]?.payload['account'];
  if (own === undefined || own === account) return;
  throw fault('STORE-005', `The journal belongs to account ${JSON.stringify(own)}, the venue says ${account}.`, {
    fix: 'Give the key of the account that this journal is of, or another --state.',
  });
}

/** Somebody who looks, or stops a bot, is not kept from it by a clock: what he asks is signed with the venue's time. */
function unlessOfTheClock(error: unknown): void {
  if (!PerpsBotError.is(error) || error.code !== 'VENUE-006') throw error;
}

/** Its strategy need not be there: nobody decides anything. */
function quiet(config: BotConfig): BotConfig {
  const { file, ...strategy } = config.strategy;
  return {
    ...config,
    strategy: file === undefined ? config.strategy : strategy,
    logging: { ...config.logging, level: 'error' },
  };
}

function recordsOf(directory: string, isNeeded: boolean): readonly StoredEvent[] {
  const path = journalPath(directory);
  if (!existsSync(path)) return [];
  const samples: readonly string[] = SAMPLES;
  try {
    return tail(path, { types: recordTypes(path).filter((type) => !samples.includes(type)) });
  } catch (error) {
    if (isNeeded) throw error;
    return [];
  }
}
