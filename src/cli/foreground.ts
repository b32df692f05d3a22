import { ERRORS } from '../domain/errors.js';
import type { Json } from '../ports/storage/event-store.js';
import { BotObserver, type BotFigures } from './bot-observer.js';
import type { Context, CommandOutcome } from './command.js';
import { moneyText } from './text/format.js';
import type { CliBot } from './host.js';
import { redraws } from './text/palette.js';
import { StatusLine } from './text/status-line.js';
import { stopOnSignal } from './stop-on-signal.js';
import { pairs } from './text/table.js';
import { whereOf } from './text/where.js';

export interface ForegroundOptions {
  readonly kind: string;
  readonly cycles?: number;
  /** Host milliseconds. */
  readonly forMs?: number;
  /** Commands to try next. */
  readonly next: readonly string[];
  readonly warnings?: CommandOutcome['warnings'];
}

/**
 * Runs a bot until it is done, its time is up, its recorded market has ended, or a signal asks. The first signal stops
 * cleanly (exit 0); a second one ends the process at once (130 or 143). Throws what failed the exchange inside; a
 * journal that could not be written to its end gives exit 74.
 */
export async function runForeground(
  context: Context,
  bot: CliBot,
  options: ForegroundOptions,
): Promise<CommandOutcome> {
  const { host } = context;
  let stoppedBy = options.cycles === undefined ? 'done' : `${options.cycles} cycles done`;
  const stop = (reason: string): void => {
    stoppedBy = reason;
    bot.requestStop(reason);
  };
  const signals = stopOnSignal(host, (signal) => stop(`signal ${signal}`));
  const market: { failure?: unknown } = {};
  let cancelTimer = (): void => undefined;
  let told: (() => CommandOutcome) | undefined;
  try {
    await bot.start();
    if (signals.received !== undefined) stop(`signal ${signals.received}`);
    const observer = new BotObserver(bot);
    const line = new StatusLine(
      host.io.stderr,
      host.timers,
      host.clock,
      () => observer.figures(),
      redraws(host.io.stderr, host.io.env),
    );
    if (options.forMs !== undefined) cancelTimer = host.timers.after(options.forMs, () => stop('time is up'));
    void bot.market?.ended.then(
      () => stop('the recorded market has ended'),
      (error: unknown) => {
        market.failure = error;
        stop('the market has failed');
      },
    );
    const startedAt = bot.clock.now();
    line.start();
    try {
      if (signals.received === undefined) await bot.run(options.cycles === undefined ? {} : { cycles: options.cycles });
    } finally {
      line.stop();
      observer.close();
    }
    const figures = observer.figures();
    told = () => summary(context, bot, figures, observer, stoppedBy, startedAt, options);
  } finally {
    cancelTimer();
    await bot.stop();
    signals.close();
  }
  if (market.failure !== undefined) throw market.failure as Error;
  return told();
}

function summary(
  context: Context,
  bot: CliBot,
  figures: BotFigures,
  observer: BotObserver,
  stoppedBy: string,
  startedAt: number,
  options: ForegroundOptions,
): CommandOutcome {
  const { profit } = figures;
  const data: Json = {
    profile: bot.config.profile,
    world: bot.config.world,
    synthetic: figures.synthetic !== undefined,
    symbols: figures.symbols.map(({ symbol, mark, position }) => ({
      symbol,
      mark: mark?.toString() ?? null,
      position: position.toString(),
    })),
    stoppedBy,
    from: new Date(startedAt).toISOString(),
    to: new Date(figures.at).toISOString(),
    cycles: figures.cycles,
    orders: figures.orders,
    fills: figures.fills,
    equity: { start: observer.equityAtStart.toString(), end: figures.equity.toString() },
    pnl: {
      price: profit.price.toString(),
      fees: profit.fees.toString(),
      funding: profit.funding.toString(),
      net: profit.net.toString(),
    },
    safety: { state: figures.safety, reason: figures.safetyReason ?? null },
    journal: bot.journal ?? null,
    next: nextOf(options, context),
  };
  const lost: CommandOutcome['warnings'] = bot.journalHealthy
    ? []
    : [
        {
          code: 'W-RUN-003',
          message:
            'The journal could not be written to its end: what came after is lost, and no order was sent. See the log for the cause.',
        },
      ];
  return {
    kind: options.kind,
    data,
    text: summaryText(context, bot, figures, observer, stoppedBy, options),
    warnings: [...(options.warnings ?? []), ...lost],
    ...(bot.journalHealthy ? {} : { exit: ERRORS['STORE-004'].exit }),
  };
}

function summaryText(
  context: Context,
  bot: CliBot,
  figures: BotFigures,
  observer: BotObserver,
  stoppedBy: string,
  options: ForegroundOptions,
): string {
  const { profit, orders } = figures;
  const market = figures.synthetic === undefined ? '' : ` on a synthetic market (${figures.synthetic})`;
  return [
    `${bot.config.profile} in the ${bot.config.world} world${market}, ended: ${stoppedBy}`,
    pairs([
      ['Cycles', String(figures.cycles)],
      ['Orders', ordersText(orders)],
      ['Fills', String(figures.fills)],
      ...figures.symbols.map(
        ({ symbol, mark, position, bare }) =>
          [symbol, `mark ${mark?.toString() ?? 'none'}, position ${position.toString()}${bare}`] as const,
      ),
      ['Price', moneyText(profit.price, true)],
      ['Fees', moneyText(profit.fees, true)],
      ['Funding', moneyText(profit.funding, true)],
      ['Net', moneyText(profit.net, true)],
      ['Equity', `${moneyText(observer.equityAtStart)} -> ${moneyText(figures.equity)}`],
      ['Safety', safetyText(figures, bot.journal !== undefined)],
      ['Journal', bot.journal ?? 'in memory'],
      ...leftLines(bot, figures),
      ['Next', nextOf(options, context).join(' · ')],
    ]),
  ].join('\n');
}

/** Commands about the same bot: where its state was named, they name it. */
const nextOf = ({ next }: ForegroundOptions, { flags }: Context): readonly string[] =>
  flags.state === undefined ? next : next.map((command) => `${command} ${whereOf(flags.state as string)}`);

/** A process that ends leaves what is held: nobody closes it before the next start, stops at the venue apart. */
function leftLines({ journal }: CliBot, { symbols }: BotFigures): (readonly [string, string])[] {
  const open = symbols.filter(({ position }) => !position.isZero());
  if (open.length === 0 || journal === undefined) return [];
  const bare = open.filter((each) => each.bare !== '').map(({ symbol }) => symbol);
  return [
    [
      'Left open',
      `${open.map(({ symbol }) => symbol).join(', ')}${bare.length === 0 ? '' : `; nothing looks after ${bare.join(', ')} until the next start`}. To close: start again, then perpsbot flatten`,
    ],
  ];
}

/** A fill of an order that nobody decided on must find its order in the count. */
const ordersText = ({ attempted, successful, failed, others }: BotFigures['orders']): string =>
  `${attempted} (${successful} accepted, ${failed} refused or failed)${others === 0 ? '' : `, and ${others} that its strategy did not ask for: stops, exits, a flatten`}`;

/** A state that holds is no state of this run alone: whoever starts again must not be surprised. */
function safetyText({ safety, safetyReason }: BotFigures, isKept: boolean): string {
  const text = safetyReason === undefined ? safety : `${safety} (${safetyReason})`;
  return safety === 'NORMAL' || !isKept ? text : `${text}; the next start begins so, until perpsbot resume`;
}
