import {
  bps,
  byName,
  bySymbol,
  choice,
  decimal,
  duration,
  flag,
  integer,
  list,
  money,
  NOT_NEGATIVE,
  number,
  numberOr,
  percent,
  rows,
  section,
  SHARE,
  symbol,
  text,
  time,
  word,
  words,
} from './fields.js';
import { limit } from './limit-meta.js';

const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

export const executionSchema = section(
  {
    timeInForce: limit(choice(['GTC', 'IOC', 'FOK'], 'How long orders rest.'), {
      tighter: 'free',
      canary: { is: 'IOC' },
    }),
    previewOrders: flag('Ask the venue for a preview before each order?'),
    previewFailClosed: flag('Does a failed preview refuse the order?'),
    postOnly: flag('Refuse limit orders that would take?'),
    requestExpiry: duration('How long after sending a venue may still accept a request.'),
    requestTimeout: duration('How long an answer may take before the outcome counts as unknown.'),
    resendsPerMinute: limit(
      integer('What is sent again in a minute at most, all kinds together; an eighth is kept for protection.', {
        atLeast: 20,
      }),
      { tighter: 'lower' },
    ),
    onShutdown: choice(
      ['protect', 'cancel', 'keep'],
      'Orders at shutdown: protect keeps the stops of open positions and cancels the rest, cancel cancels all, keep leaves all.',
    ),
    maxUncovered: limit(
      duration('A position without a live stop at the venue is closed after this, where its marks are stale too.'),
      { tighter: 'lower' },
    ),
    allowUncoveredEntries: limit(
      flag('May entries rest although nobody would cover what they fill while the bot is away?'),
      { tighter: 'fixed', canary: { is: false } },
    ),
    deadMan: limit(
      duration("Countdown of the venue's dead man's switch: orders that nobody would cover end after it.", {
        atLeast: 3_000,
        atMost: 600_000,
      }),
      { tighter: 'lower' },
    ),
    skipStartupReconcile: flag('Start without comparing orders with the venue.'),
    slippageMultipliers: bySymbol(
      decimal('Factor of at least 1.', { atLeast: 1 }),
      'Extra expected slippage by symbol, as a factor.',
    ),
    collateral: list(symbol('A currency.'), 'Currencies that count as collateral.'),
    sizingMode: choice(
      ['conservative', 'strict', 'aggressive'],
      'What impact-aware sizing does when a size has too much impact.',
    ),
    maxImpact: bps('Impact that impact-aware sizing aims for.'),
  },
  'How orders are sent.',
);

export const streamingSchema = section(
  {
    enabled: flag('Stream marks besides polling them?'),
    level: choice([1, 2], '1 best prices, 2 depth.'),
    journalSample: duration('One journal record a symbol and this long; 0s for every mark.', NOT_NEGATIVE),
    reconnectMin: duration('First pause before a reconnect.'),
    reconnectMax: duration('Longest pause before a reconnect.'),
  },
  'Marks as the venue pushes them.',
);

export const sessionSchema = section(
  {
    start: time('Trading starts.'),
    end: time('Trading ends; before the start, the window wraps midnight.'),
    days: list(word(DAYS, 'A weekday in English.'), 'Days on which the window opens; absent, every day.'),
  },
  'Trading window in UTC.',
);

export const tasksSchema = section(
  {
    guards: duration('Between two runs of the guards.'),
    orderReconcile: duration('Between two comparisons of orders with the venue.'),
    positionReconcile: duration('Between two comparisons of positions with the venue.'),
    accountTelemetry: duration('Between two account snapshots.'),
    cycleErrorBudget: integer('Consecutive failed cycles after which the bot gives up.'),
    fatalStarts: integer(
      'Starts within ten minutes that ended without a stop in order, from which on the bot comes up LOCKED.',
    ),
    stopBudget: duration('What one part may take to stop.'),
  },
  'Continuous tasks.',
);

export const storageSchema = section(
  {
    driver: choice(['sqlite', 'memory'], 'Where the journal lives. memory forgets everything at exit.'),
    directory: text('Directory of this bot, relative to the working directory.'),
    accounts: text('Folder in which bots hold the accounts they trade; one for all that might trade the same.'),
    keepSamples: duration('How long marks and figures of cycles stay in the journal before they go to its archive.'),
  },
  'Journal and status files.',
);

const secretSource = (about: string) =>
  section(
    {
      file: text('File that holds it and nothing else, readable by nobody else.'),
      command: words('Program and arguments that print it; no shell. Only in a file that is yours alone to write.'),
    },
    about,
  );

export const venueSchema = section(
  {
    name: text('Whose market is followed over its own wire, as binance-usdm.'),
    environment: choice(['live', 'testnet'], 'Its production, or where it lets people try.'),
    restUrl: text('Address of its requests, in place of the one of the environment.'),
    streamUrl: text('Address of its streams, likewise.'),
    apiKey: secretSource('Where the key of the account is read, unless PERPSBOT_VENUE_API_KEY or …_FILE is set.'),
    apiSecret: secretSource('Where its secret is read, unless PERPSBOT_VENUE_API_SECRET or …_FILE is set.'),
    maxLag: limit(
      duration('What arrives of its market later than this is not told, and its stream is opened anew.', {
        atLeast: 1_000,
      }),
      { tighter: 'lower' },
    ),
  },
  'The venue that is spoken to.',
);

export const accountSchema = section(
  {
    positionMode: choice(['one_way', 'hedge'], 'One net position an instrument, or a long and a short one.'),
    marginMode: choice(['cross', 'isolated'], 'What backs a position of each symbol.'),
    leverage: integer('Leverage of each symbol.', { atLeast: 1, atMost: 200 }),
    multiAsset: flag('Are other assets than that of settlement margin too?'),
    feesIn: text('Asset in which fees are taken, as BNB.'),
    permissionsUnchecked: flag(
      'Have you seen to it yourself that the key cannot withdraw, where the venue does not tell?',
    ),
    apply: flag('Change at a start what differs, where nothing is open? Off, it is told alone.'),
  },
  'How the account trades, as you declare it; compared at each start, and at least each minute in the live world.',
);

export const simulationSchema = section(
  {
    equity: money('Deposit of the account.'),
    seed: integer('Seed of the generated market.', NOT_NEGATIVE),
    quoteInterval: duration('Between two generated quotes.'),
    startPrices: bySymbol(decimal('Price at the start, in quote currency.'), 'First price of generated markets.'),
    barHalfSpread: bps('Half spread added to fills on bars.', NOT_NEGATIVE),
    maxVolumeShare: percent("Largest share of a bar's volume our orders may take.", SHARE),
    speed: numberOr('max', 'Venue seconds for a host second; max runs as fast as it computes.'),
    matching: section(
      {
        barPath: choice(
          ['pessimistic', 'optimistic', 'next_open'],
          "Order of a bar's extremes: against us first, for us first, or fills at opens alone.",
        ),
        queue: choice(['risk_averse', 'probabilistic', 'front'], 'Who stands before a resting order.'),
        queueExponent: number('Power of the probabilistic queue model.'),
        tradeLiquidity: choice(
          ['each_print', 'next_print', 'unlimited'],
          'Over trades alone: every print up to its size until filled, the next one alone, or any size at its price.',
        ),
        exitsEndWithPosition: flag('Orders that only reduce end when the position they belong to is closed.'),
        selfTrade: choice(
          ['expire_taker', 'expire_maker', 'expire_both'],
          'Which of two own orders ends when they would trade with each other.',
        ),
        priceBand: percent('How far above the mark a buy may be priced, and below it a sell.', SHARE),
        maxOpenOrders: integer('Open orders per instrument.'),
        maxConditionalOrders: integer('Open orders per instrument that wait for a trigger.'),
        filterChanges: text('CSV ts_ms,symbol,field,value: filters and fees that change while the market runs.'),
      },
      'How orders meet the market.',
    ),
    latency: section(
      {
        order: duration('From sending to the matching engine.', NOT_NEGATIVE),
        response: duration('From the matching engine back.', NOT_NEGATIVE),
        file: text('CSV order_ms,response_ms that latencies are drawn from, instead of the two constants.'),
      },
      'What lies between bot and exchange.',
    ),
    margin: section(
      {
        mode: choice(['cross', 'isolated'], 'What backs a position: the whole account, or its own margin.'),
        positionMode: choice(['one_way', 'hedge'], 'One net position an instrument, or a long and a short one.'),
        leverage: bySymbol(decimal('A leverage.', { atLeast: 1 }), 'Leverage by symbol before anybody sets another.'),
        tiers: text(
          'CSV of maintenance brackets: symbol,tier,min_notional,max_notional,maint_margin_rate,max_leverage,cum.',
        ),
        liquidation: flag('Are positions below maintenance margin liquidated?'),
        liquidationFee: percent('Fee of a liquidation, where the instrument names none.', { atLeast: 0, below: 1 }),
        insuranceFund: money('What the insurance fund holds at the start.', NOT_NEGATIVE),
        autoDeleveraging: flag('Are positions deleveraged when the fund is empty?'),
      },
      'How the account is margined.',
    ),
    venues: byName(
      section({ equity: money('Deposit of its account.') }, 'One venue.'),
      'Venues of one run, each an account of its own, by the name that instruments give theirs.',
    ),
    feeTiers: byName(
      section(
        {
          volume: money('30-day volume from which it holds.', NOT_NEGATIVE),
          makerFee: percent('Fee of resting orders; negative is a rebate.', { above: -0.1, below: 0.1 }),
          takerFee: percent('Fee of taking orders.', { above: -0.1, below: 0.1 }),
        },
        'One tier.',
      ),
      'Fees by 30-day volume, by a name of your choice.',
    ),
  },
  'The exchange inside: paper and backtest worlds.',
);

export const loggingSchema = section(
  {
    level: choice(['error', 'warn', 'info', 'debug'], 'Least severe level that is logged.'),
    json: flag('One JSON object a line?'),
  },
  'Log lines.',
);

export const instrumentsSchema = bySymbol(
  section(
    {
      symbol: symbol('The symbol again; may be left out.'),
      base: text('Currency that is bought.'),
      quote: text('Currency of the price.'),
      settle: text('Currency of margin, fees and profit.'),
      kind: choice(['perpetual', 'spot', 'future'], 'Kind of market.'),
      tick: decimal('Smallest price increment.'),
      step: decimal('Smallest size increment.'),
      minSize: decimal('Smallest order.', NOT_NEGATIVE),
      minNotional: decimal('Smallest order, in quote currency.', NOT_NEGATIVE),
      maxSize: decimal('Largest order.'),
      maxLeverage: decimal('Highest leverage the venue grants.'),
      makerFee: percent('Fee of resting orders; negative is a rebate.', { above: -0.1, below: 0.1 }),
      takerFee: percent('Fee of taking orders.', { above: -0.1, below: 0.1 }),
      maintenanceRate: percent('Maintenance margin.', { atLeast: 0, below: 1 }),
      fundingIntervalHours: integer('Hours between funding stamps; 0 for none.', { atLeast: 0, atMost: 24 }),
      contract: choice(['linear', 'inverse', 'quanto'], 'How price moves become money.'),
      multiplier: decimal(
        'Money of one unit of size and price; for inverse contracts, quote currency of one unit of size.',
      ),
      liquidationFee: percent('Fee of a liquidation.', { atLeast: 0, below: 1 }),
      tiers: rows(
        {
          floor: decimal('Notional from which it holds.', NOT_NEGATIVE),
          cap: decimal('Notional up to which it holds.'),
          rate: percent('Maintenance margin of it.', { atLeast: 0, below: 1 }),
          maxLeverage: decimal('Highest leverage of a position in it.', { atLeast: 1 }),
          cum: decimal('What is taken off the maintenance margin, so that brackets meet.', NOT_NEGATIVE),
        },
        'One bracket.',
        'Maintenance brackets by notional, lowest first.',
      ),
      venue: text('The venue it trades on, in runs with several.'),
    },
    'One product.',
  ),
  'Products, beside the built-in ones; a key given here replaces the built-in value.',
);
