import { FINEST_UNIT } from '#src/domain/instrument.js';
import { Decimal } from '#src/domain/decimal.js';
import { Ledger } from '#src/domain/ledger.js';
import { Position } from '#src/domain/position.js';
import { lots, marks, ticks, units } from '#src/domain/units.js';
import type { Fill } from '#src/domain/order.js';
import { runCli } from '#src/cli/main.js';
import type { BotRequest, CliBot, CliHost, JournalAccess, StopSignal } from '#src/cli/host.js';
import type { ConfigRequest, ResolvedConfig } from '#src/runs/config-request.js';
import type { BacktestSession } from '#src/backtest/backtest-runner.js';
import type { BacktestRequest } from '#src/runs/run-host.js';
import type { SweepHost } from '#src/runs/sweep-host.js';
import type { DataFiles } from '#src/ports/research/data-files.js';
import type { RunOptions } from '#src/ports/market-services/lifecycle.js';
import type { Portfolio } from '#src/ports/runtime-state/portfolio.js';
import type { StrategyDefinition } from '#src/ports/core-services/strategy.js';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { LastDecisionsMap } from '#src/services/runtime/state/last-decisions-map.js';
import { ManualClock } from '#src/testing/manual-clock.js';
import { testConfig } from '../../support/config.js';
import { instrument } from '#src/testing/instruments.js';
import { fileOf } from '../../support/recorded-files.js';

interface Printed {
  readonly kind: string;
  readonly ok: boolean;
  readonly data: Readonly<Record<string, unknown>>;
  readonly warnings: readonly { readonly code: string }[];
  readonly error: { readonly problems: readonly unknown[] } | null;
}

/** A stream that keeps what was written. */
export class FakeStream {
  written = '';
  columns = 200;
  constructor(readonly isTTY = false) {}
  write(text: string): boolean {
    this.written += text;
    return true;
  }
}

/** Host timers that a test moves by hand. */
class FakeTimers {
  now = 0;
  private readonly waiting: { at: number; call: () => void }[] = [];
  get pending(): number {
    return this.waiting.length;
  }
  after(delayMs: number, call: () => void): () => void {
    const entry = { at: this.now + delayMs, call };
    this.waiting.push(entry);
    return () => {
      const index = this.waiting.indexOf(entry);
      if (index >= 0) this.waiting.splice(index, 1);
    };
  }
  sleep(): Promise<void> {
    return Promise.resolve();
  }
  advance(ms: number): void {
    const until = this.now + ms;
    for (;;) {
      const next = this.waiting.filter((entry) => entry.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.waiting.splice(this.waiting.indexOf(next), 1);
      this.now = next.at;
      next.call();
    }
    this.now = until;
  }
}

/** A bot that runs until it is told to stop, or at once when it was given cycles. */
class FakeBot implements CliBot {
  readonly config = testConfig();
  readonly clock = new ManualClock();
  readonly ledger = new Ledger();
  readonly position = new Position(instrument());
  readonly orders = { attempted: 0, successful: 0, failed: 0, others: 0 };
  readonly decisions = new LastDecisionsMap();
  stopSize = '0';
  held: CliBot['held'] = () => {
    const { size, isFlat } = this.position;
    return isFlat ? [] : [{ symbol: 'BTC-PERP', size: size.abs().toString(), stopSize: this.stopSize }];
  };
  readonly cycle = { cycles: 0, step: () => {}, run: async () => {} };
  readonly safety = {
    state: 'NORMAL',
    reason: undefined,
    since: undefined,
    isReduceOnly: false,
    tighten: async () => {},
    loosen: async () => {},
    heed: () => {},
    permits: () => true,
    onChange: () => () => {},
    reconcileBy: () => {},
    restore: () => {},
  } as const;
  readonly market: NonNullable<CliBot['market']>;
  endMarket!: () => void;
  failMarket!: (error: Error) => void;
  journal: string | undefined = '/var/lib/perpsbot/journal.db';
  journalHealthy = true;
  readonly calls: string[] = [];
  onRun: () => void = () => {};
  private listeners: ((fill: Fill, position: Position) => void)[] = [];
  private finish: () => void = () => {};

  constructor() {
    this.market = {
      name: 'generated',
      synthetic: true,
      start: () => {},
      stop: () => {},
      ended: new Promise((resolve, reject) => ([this.endMarket, this.failMarket] = [resolve, reject])),
    };
    this.ledger.move('deposits', 'cash', units(10_000 * 1e8));
  }

  readonly portfolio = {
    unit: FINEST_UNIT,
    ledger: (() => this.ledger)(),
    unrealised: units(0),
    onFill: (listener: (fill: Fill, position: Position) => void) => {
      this.listeners.push(listener);
      return () => (this.listeners = this.listeners.filter((other) => other !== listener));
    },
    positions: () => [this.position].values(),
    lastMark: () => marks(50_000_000),
  } as unknown as Portfolio & { equity: number };

  start(): Promise<void> {
    this.calls.push('start');
    Object.defineProperty(this.portfolio, 'equity', { get: () => this.ledger.holdings });
    return Promise.resolve();
  }

  run(options: RunOptions = {}): Promise<void> {
    this.calls.push(`run ${JSON.stringify(options)}`);
    this.onRun();
    if (options.cycles !== undefined) {
      this.cycle.cycles += options.cycles;
      return Promise.resolve();
    }
    return new Promise((resolve) => (this.finish = resolve));
  }

  requestStop(reason: string): void {
    this.calls.push(`requestStop ${reason}`);
    this.finish();
  }

  stop(): Promise<void> {
    this.calls.push('stop');
    return Promise.resolve();
  }

  /** A fill of 0.01 at 50,000 that cost 0.25. */
  trade(): void {
    this.orders.attempted += 1;
    this.orders.successful += 1;
    this.ledger.move('fees', 'cash', units(-25_000_000));
    this.position.apply('buy', lots(10), ticks(500_000), 0);
    for (const listener of this.listeners) listener({} as Fill, this.position);
  }
}

export class FakeHost implements CliHost {
  readonly stdout = new FakeStream();
  readonly stderr: FakeStream;
  readonly timers = new FakeTimers();
  readonly clock = { monotonic: () => this.timers.now, wall: () => this.wall };
  wall = Date.UTC(2026, 10, 22, 12);
  readonly build = { version: '0.1.0', commit: 'abc1234', node: '20.20.2' };
  readonly files = new Map<string, Uint8Array>();
  readonly dataFiles: DataFiles = Object.assign(new NodeDataFiles(), {
    open: (path: string) => {
      const bytes = this.files.get(path);
      return bytes === undefined ? new NodeDataFiles().open(path) : fileOf(path, bytes);
    },
  });
  readonly writtenFiles = new Map<string, string>();
  readonly env: Record<string, string | undefined> = {};
  readonly bot = new FakeBot();
  readonly configRequests: ConfigRequest[] = [];
  readonly botRequests: BotRequest[] = [];
  readonly exits: number[] = [];
  journal: JournalAccess | Error | undefined;
  config: ResolvedConfig | Error = {
    config: testConfig({ storage: { driver: 'sqlite', directory: '/state' } }),
    origins: [{ path: 'profile', value: 'demo', origin: 'flag' }],
    warnings: [],
  };
  probes = { sqlite: (): string => 'node:sqlite', writable: (): void => {}, freeBytes: (): number => 5e9 };
  readonly user = 'ada';
  readonly control: CliHost['control'] = {
    timers: { after: () => () => {} },
    clock: { wall: () => 0 },
    readText: () => undefined,
    writeAtomic: () => {},
    lockHolder: () => undefined,
    journalOf: () => undefined,
  };
  verification: Awaited<ReturnType<CliHost['verify']>> = { ok: true, services: 60, problems: [] };
  private signalListeners: ((signal: StopSignal) => void)[] = [];

  constructor(options: { readonly tty?: boolean } = {}) {
    this.stderr = new FakeStream(options.tty === true);
  }

  get io(): CliHost['io'] {
    return {
      stdout: this.stdout as unknown as NodeJS.WritableStream,
      stderr: this.stderr as unknown as NodeJS.WritableStream,
      env: this.env,
    };
  }
  onSignal(listener: (signal: StopSignal) => void): () => void {
    this.signalListeners.push(listener);
    return () => (this.signalListeners = this.signalListeners.filter((other) => other !== listener));
  }
  signal(signal: StopSignal): void {
    for (const listener of [...this.signalListeners]) listener(signal);
  }
  get listeningForSignals(): number {
    return this.signalListeners.length;
  }
  exit(code: number): void {
    this.exits.push(code);
  }
  readFile(path: string): Uint8Array | undefined {
    return this.files.get(path);
  }
  writeFile(path: string, content: string): void {
    this.writtenFiles.set(path, content);
  }
  checkOutput(): void {
    // Whatever is written is kept.
  }
  writeAtomic(path: string, content: string): void {
    this.writtenFiles.set(path, content);
  }
  /** What a venue publishes: nothing, unless a test says otherwise. */
  openHistory: CliHost['openHistory'] = () => Promise.reject(new Error('not opened here'));
  serveVenue: CliHost['serveVenue'] = () => Promise.reject(new Error('not served here'));
  openPublicMarket: CliHost['openPublicMarket'] = () => Promise.reject(new Error('not opened here'));
  compareBeside: CliHost['compareBeside'] = () => Promise.reject(new Error('not compared here'));
  haltBeside: CliHost['haltBeside'] = () => Promise.reject(new Error('not halted here'));
  flattenBeside: CliHost['flattenBeside'] = () => Promise.reject(new Error('not flattened here'));
  preflightBeside: CliHost['preflightBeside'] = () => Promise.reject(new Error('not looked at here'));
  openRecordFile: CliHost['openRecordFile'] = () => Promise.reject(new Error('not opened here'));
  openGrowingFile: CliHost['openGrowingFile'] = () => {
    throw new Error('not opened here');
  };
  /** Default exports by path. */
  readonly modules = new Map<string, unknown>();
  async importDefault(path: string): Promise<unknown> {
    if (!this.modules.has(path)) throw new Error(`Cannot find module '${path}'`);
    return this.modules.get(path);
  }
  builtInStrategies(): readonly StrategyDefinition[] {
    return [
      {
        name: 'baseline',
        parameters: ['shortMa', 'longMa'],
        lookback: () => 1,
        create: () => {
          throw new Error('not made here');
        },
      },
    ];
  }
  loadConfig(request: ConfigRequest): ResolvedConfig {
    this.configRequests.push(request);
    if (this.config instanceof Error) throw this.config;
    return this.config;
  }
  statePlace(request: ConfigRequest): ReturnType<CliHost['statePlace']> {
    return this.loadConfig(request).config.storage;
  }
  assertStrategy: CliHost['assertStrategy'] = () => undefined;
  assertFiles: CliHost['assertFiles'] = () => Promise.resolve();
  configSchema(): { type: string } {
    return { type: 'object' };
  }
  async createBot(request: BotRequest): Promise<CliBot> {
    this.botRequests.push(request);
    return this.bot;
  }
  onBacktest: (request: BacktestRequest) => Promise<BacktestSession> = async () =>
    Promise.reject(new Error('no backtest here'));
  sweeps = {} as SweepHost;
  openBacktest(request: BacktestRequest): Promise<BacktestSession> {
    return this.onBacktest(request);
  }
  async graph(_request: BotRequest, format: string): Promise<string> {
    return format === 'json' ? '{"nodes":[]}' : `graph as ${format}`;
  }
  async verify(): Promise<Awaited<ReturnType<CliHost['verify']>>> {
    return this.verification;
  }
  /** Whether a process holds the state directory, as far as that is known. */
  held: boolean | undefined;
  isHeld(): Promise<boolean | undefined> {
    return Promise.resolve(this.held);
  }
  readText(path: string): string | undefined {
    return this.writtenFiles.get(path);
  }

  openJournal(): JournalAccess | undefined {
    if (this.journal instanceof Error) throw this.journal;
    return this.journal;
  }

  run(...argv: string[]): Promise<number> {
    return runCli(argv, this, () => Promise.resolve(this));
  }
  /** The one envelope on standard output. */
  envelope(): Printed {
    return JSON.parse(this.stdout.written) as Printed;
  }
}

export const decimal = (text: string): Decimal => new Decimal(text);
