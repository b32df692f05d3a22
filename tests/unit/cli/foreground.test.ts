import 'reflect-metadata';
import { describe, expect, it } from '@jest/globals';
import { hold } from '#src/domain/decision.js';
import { AboveStatusLine } from '#src/cli/text/above-status-line.js';
import { fault } from '#src/domain/errors.js';
import type { PublicMarket } from '#src/ports/venue/public-market.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { FakeHost } from './fake-host.js';

/** Lets everything resolved run. */
const settle = async (): Promise<void> => {
  for (let i = 0; i < 50; i += 1) await new Promise((resolve) => setImmediate(resolve));
};

describe('perpsbot start', () => {
  it('runs the demo profile where nobody names another, and ends with what it did and earned', async () => {
    const host = new FakeHost();
    host.bot.onRun = () => host.bot.trade();
    expect(await host.run('start', '--cycles', '3', '--speed', '20')).toBe(0);

    expect(host.botRequests).toEqual([{ config: { fallbackProfile: 'demo', speed: 20 } }]);
    expect(host.bot.calls).toEqual(['start', 'run {"cycles":3}', 'stop']);
    for (const line of [
      /synthetic market \(generated\), ended: 3 cycles done/,
      /Cycles +3/,
      /Orders +1 \(1 accepted, 0 refused or failed\)/,
      /Fills +1/,
      /BTC-PERP +mark 50000, position 0\.01, no stop at the venue/,
      /Price +0\.00/,
      /Fees +-0\.25/,
      /Funding +0\.00/,
      /Net +-0\.25/,
      /Equity +10,000\.00 -> 9,999\.75/,
      /Safety +NORMAL/,
      /Journal +\/var\/lib\/perpsbot\/journal\.db/,
      /Left open +BTC-PERP; nothing looks after BTC-PERP until the next start/,
      /Next +perpsbot status · perpsbot journal tail$/m,
    ]) {
      expect(host.stdout.written).toMatch(line);
    }
  });

  it('gives the same in one envelope with --json: decimals as text, profit that adds up', async () => {
    const host = new FakeHost();
    host.bot.onRun = () => host.bot.trade();
    await host.run('start', '--cycles', '1', '--json');
    expect(host.envelope()).toMatchObject({
      kind: 'start.result',
      ok: true,
      data: {
        profile: 'demo',
        synthetic: true,
        cycles: 1,
        orders: { attempted: 1, successful: 1, failed: 0, others: 0 },
        fills: 1,
        equity: { start: '10000', end: '9999.75' },
        pnl: { price: '0', fees: '-0.25', funding: '0', net: '-0.25' },
        safety: { state: 'NORMAL', reason: null },
      },
    });
  });

  it('says that a state which holds is that of the next start too', async () => {
    const host = new FakeHost();
    Object.assign(host.bot.safety, { state: 'HALTED', reason: 'it looks wrong' });
    await host.run('start', '--cycles', '1');
    expect(host.stdout.written).toMatch(
      /Safety +HALTED \(it looks wrong\); the next start begins so, until perpsbot resume/,
    );
  });

  it('says of a position what of it the stops at the venue look after', async () => {
    for (const [stopSize, text] of [
      ['0.01', 'pos 0\\.01 ·'],
      ['0.004', 'pos 0\\.01, stops for 0\\.004 of it only ·'],
      ['0', 'pos 0\\.01, no stop at the venue ·'],
    ] as const) {
      const host = new FakeHost({ tty: true });
      host.bot.stopSize = stopSize;
      const shown = host.run('start', '--for', '3s');
      await settle();
      host.bot.trade();
      host.timers.advance(1_000);
      expect(host.stderr.written).toMatch(new RegExp(text));
      host.timers.advance(2_000);
      await shown;
    }
  });

  it('names orders that its strategy did not ask for, beside the fills that they made', async () => {
    const host = new FakeHost();
    host.bot.orders.others = 2;
    await host.run('start', '--cycles', '1');
    expect(host.stdout.written).toMatch(
      /Orders +0 \(0 accepted, 0 refused or failed\), and 2 that its strategy did not ask for: stops, exits, a flatten/,
    );
  });

  it('counts from its own start: what a journal brought back is not this session', async () => {
    const host = new FakeHost();
    host.bot.trade();
    host.bot.orders.attempted = 0;
    await host.run('start', '--cycles', '1', '--json');
    expect(host.envelope().data).toMatchObject({
      fills: 0,
      pnl: { fees: '0', net: '0' },
      equity: { start: '9999.75', end: '9999.75' },
    });
  });

  it('stops after the time given with --for', async () => {
    const host = new FakeHost();
    const done = host.run('start', '--for', '30s');
    await settle();
    host.timers.advance(29_999);
    expect(host.bot.calls).toEqual(['start', 'run {}']);
    host.timers.advance(1);
    expect(await done).toBe(0);
    expect(host.bot.calls).toEqual(['start', 'run {}', 'requestStop time is up', 'stop']);
    expect(host.timers.pending).toBe(0);
  });

  it('stops cleanly on the first signal with exit 0, and at once on the second with 130 or 143', async () => {
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGTERM', 143],
    ] as const) {
      const host = new FakeHost();
      host.bot.requestStop = () => {};
      void host.run('start');
      await settle();
      host.signal(signal);
      expect(host.exits).toEqual([]);
      expect(host.stderr.written).toMatch(new RegExp(`Stopping on ${signal}`));
      host.signal(signal);
      expect(host.exits).toEqual([code]);
    }
    const clean = new FakeHost();
    const done = clean.run('start');
    await settle();
    clean.signal('SIGTERM');
    expect(await done).toBe(0);
    expect(clean.bot.calls).toContain('requestStop signal SIGTERM');
    expect(clean.listeningForSignals).toBe(0);
    expect(clean.timers.pending).toBe(0);
  });

  it('never runs a bot that was told to stop while it came up', async () => {
    const host = new FakeHost();
    const { start } = host.bot;
    host.bot.start = async () => {
      host.signal('SIGINT');
      await start.call(host.bot);
    };
    expect(await host.run('start')).toBe(0);
    expect(host.bot.calls.filter((call) => call.startsWith('run'))).toEqual([]);
  });

  it('stops the bot and passes the error on when it cannot run', async () => {
    const host = new FakeHost();
    host.bot.run = () => Promise.reject(new Error('broken'));
    expect(await host.run('start')).toBe(1);
    expect(host.bot.calls).toEqual(['start', 'stop']);
    expect(host.listeningForSignals).toBe(0);
  });

  it('keeps one status line on a terminal, and writes a line each ten seconds elsewhere', async () => {
    const terminal = new FakeHost({ tty: true });
    const shown = terminal.run('start', '--for', '20s');
    await settle();
    terminal.timers.advance(1_000);
    expect(terminal.stderr.written).toMatch(
      /\r\x1b\[2KSYNTHETIC · BTC-PERP 50000 flat · equity 10,000\.00 · net 0\.00 · orders 0 · fills 0 · NORMAL · cycle 0/,
    );
    expect(terminal.stderr.written).not.toContain('\n');
    terminal.bot.decisions.record('BTC-PERP', hold('No crossover of the averages'), 0);
    terminal.timers.advance(1_000);
    expect(terminal.stderr.written).toMatch(/net 0\.00 · no order yet: No crossover of the averages · NORMAL/);
    terminal.bot.orders.attempted = 1;
    terminal.timers.advance(1_000);
    expect(terminal.stderr.written).toMatch(/net 0\.00 · orders 1 · fills 0 · NORMAL · cycle 0$/);
    terminal.timers.advance(17_000);
    await shown;
    expect(terminal.stderr.written.endsWith('\r\x1b[2K')).toBe(true);
    expect(terminal.stdout.written).not.toContain('\x1b[2K');

    const piped = new FakeHost();
    const running = piped.run('start', '--for', '25s');
    await settle();
    piped.timers.advance(25_000);
    await running;
    expect(piped.stderr.written.split('\n').filter((line) => line.startsWith('SYNTHETIC'))).toHaveLength(2);
    expect(piped.stderr.written).not.toContain('\x1b');
  });
});

describe('the status line of a terminal', () => {
  const shown = async (env: Readonly<Record<string, string>>, columns = 200): Promise<string> => {
    const host = new FakeHost({ tty: true });
    Object.assign(host.env, env);
    host.stderr.columns = columns;
    const done = host.run('start');
    await settle();
    host.timers.advance(1_000);
    host.signal('SIGTERM');
    await done;
    return host.stderr.written;
  };

  it('is redrawn in place, but not on a dumb terminal and not in CI', async () => {
    const redrawn = '\r\x1b[2KSYNTHETIC';
    expect(await shown({})).toContain(redrawn);
    expect(await shown({ TERM: 'dumb' })).not.toContain('\x1b');
    expect(await shown({ CI: 'true' })).not.toContain('\x1b');
  });

  it('is whole on a terminal that does not know its width', async () => {
    expect(await shown({}, 0)).toMatch(/SYNTHETIC .* cycle 0/);
  });

  it('makes room for a log line instead of being written on', () => {
    const lines: string[] = [];
    const output = new AboveStatusLine({ dropped: 0, write: (line) => void lines.push(line) });
    output.write('2026-11-22 INFO  Stopping\n');
    expect(lines).toEqual(['\r\x1b[2K2026-11-22 INFO  Stopping\n']);
  });
});

describe('a run that failed', () => {
  it('ends with the error of an exchange inside that can keep its state no longer, not with a summary', async () => {
    const host = new FakeHost();
    host.bot.onRun = () =>
      host.bot.failMarket(fault('STORE-004', 'Exchange store must take a new state, did not: disk full'));
    expect(await host.run('start', '--json')).toBe(74);
    expect(host.bot.calls).toEqual(['start', 'run {}', 'requestStop the market has failed', 'stop']);
    expect(host.envelope()).toMatchObject({ ok: false, kind: 'start.result', error: { code: 'STORE-004' } });
  });

  it('gives the result with exit 74 and a warning when the journal could not be written to its end', async () => {
    const host = new FakeHost();
    host.bot.stop = () => {
      host.bot.journalHealthy = false;
      return Promise.resolve();
    };
    expect(await host.run('start', '--cycles', '1', '--json')).toBe(74);
    expect(host.envelope()).toMatchObject({
      ok: false,
      data: { cycles: 1 },
      warnings: [{ code: 'W-RUN-003' }],
      error: null,
    });
  });
});

describe('perpsbot paper', () => {
  const CSV =
    'ts_ms,symbol,open,high,low,close,volume\n60000,BTC-PERP,100.1,101,100,100.5,3\n120000,BTC-PERP,100.5,102,100,101,4\n';

  it('replays a recorded market and ends with it', async () => {
    const host = new FakeHost();
    host.files.set('bars.csv', new TextEncoder().encode(CSV));
    host.bot.onRun = () => host.bot.endMarket();
    expect(await host.run('paper', '--data', 'bars.csv', '--symbol', 'BTC-PERP', '--speed', 'max', '--json')).toBe(0);

    const [request] = host.botRequests;
    expect(request?.config).toMatchObject({
      world: 'paper',
      speed: 'max',
      symbols: ['BTC-PERP'],
      updateIntervalMs: 60_000,
    });
    expect([...(request?.recording?.bars ?? [])].map((bar) => bar.openAt)).toHaveLength(2);
    expect(host.envelope()).toMatchObject({
      kind: 'paper.result',
      data: { stoppedBy: 'the recorded market has ended' },
      warnings: [{ code: 'W-FUND-001' }],
    });
  });

  it('plays at the speed of the market unless told otherwise', async () => {
    const host = new FakeHost();
    host.files.set('bars.csv', new TextEncoder().encode(CSV));
    host.bot.onRun = () => host.bot.endMarket();
    await host.run('paper', '--data', 'bars.csv', '--symbol', 'BTC-PERP');
    expect(host.botRequests[0]?.config.speed).toBe(1);
  });

  it("follows a venue's own market, of symbols that it trades, by its own terms", async () => {
    const host = new FakeHost();
    let closed = 0;
    const spec = instrumentSpec({ symbol: 'ABCUSDT', base: 'ABC', quote: 'USDT', settle: 'USDT' });
    const market = { venue: 'binance-usdm', listProducts: () => Promise.resolve([spec]), close: () => (closed += 1) };
    host.openPublicMarket = () => Promise.resolve(market as unknown as PublicMarket);
    host.bot.onRun = () => host.bot.endMarket();
    expect(await host.run('paper', '--venue', 'binance-usdm', '--symbol', 'abcusdt', '--json')).toBe(0);
    expect(host.botRequests[0]).toMatchObject({
      market,
      config: { world: 'paper', symbols: ['ABCUSDT'], settings: { 'venue.name': 'binance-usdm' }, instruments: [spec] },
    });
    expect(closed).toBe(1);
    expect(await host.run('paper', '--venue', 'binance-usdm', '--symbol', 'GONE')).not.toBe(0);
    expect(host.stderr.written).toMatch(/GONE is none/);
    expect(closed).toBe(2);
  });

  const market = (symbols: readonly string[], close = (): void => undefined): PublicMarket => {
    const specs = symbols.map((symbol) => instrumentSpec({ symbol, base: 'ABC', quote: 'USDT', settle: 'USDT' }));
    return {
      venue: 'binance-usdm',
      listProducts: () => Promise.resolve(specs),
      close,
    } as unknown as PublicMarket;
  };

  it("records what is heard of a venue's market, to the end of the run", async () => {
    const host = new FakeHost();
    const said = '{"e":"aggTrade","s":"ABCUSDT","a":1,"p":"1","q":"2","f":1,"l":1,"T":5,"E":5,"m":true}';
    let [written, overwrites, isClosed] = ['', true, false];
    host.openPublicMarket = (_request, heard) => {
      host.bot.onRun = () => {
        heard?.(said);
        host.bot.endMarket();
      };
      // Before anybody knows what is followed nothing is written.
      heard?.(said);
      return Promise.resolve(market(['ABCUSDT']));
    };
    host.openRecordFile = (path, overwrite) => {
      overwrites = overwrite;
      return Promise.resolve({
        path,
        append: (text: string) => Promise.resolve(void (written += text)),
        close: () => Promise.resolve(void (isClosed = true)),
      });
    };
    const words = ['paper', '--venue', 'binance-usdm', '--symbol', 'ABCUSDT', '--record', 'a.ndjson', '--json'];
    expect(await host.run(...words)).toBe(0);
    expect(host.envelope()).toMatchObject({ data: { record: { path: 'a.ndjson', messages: 1, endedEarly: null } } });
    expect([written.split('\n').length, written.includes(said), overwrites, isClosed]).toEqual([3, true, false, true]);
  });

  it.each([
    ['without a venue', ['--record', 'a.ndjson', '--data', 'b.csv']],
    ['of several symbols', ['--venue', 'binance-usdm', '--record', 'a.ndjson', '--symbol', 'A', '--symbol', 'B']],
    ['that is packed', ['--venue', 'binance-usdm', '--record', 'a.ndjson.gz', '--symbol', 'A']],
    ['that gives away a file it does not name', ['--venue', 'binance-usdm', '--overwrite', '--symbol', 'A']],
  ])('refuses a record %s', async (_name, words) => {
    const host = new FakeHost();
    host.openPublicMarket = () => Promise.resolve(market(['A', 'B']));
    expect(await host.run('paper', ...words)).toBe(2);
    expect(host.stderr.written).toMatch(/--record|--overwrite/);
    expect(host.botRequests).toEqual([]);
  });

  it.each([['--data'], ['--catalog'], ['--speed'], ['--from']])(
    'follows no market beside %s, which is of a recording',
    async (flag) => {
      const host = new FakeHost();
      expect(await host.run('paper', '--venue', 'binance-usdm', flag, '2')).toBe(2);
      expect(host.stderr.written).toContain(flag);
    },
  );

  it('names a missing file with exit 5', async () => {
    const host = new FakeHost();
    expect(await host.run('paper', '--data', 'gone.csv', '--symbol', 'BTC-PERP')).toBe(5);
    expect(host.stderr.written).toMatch(/DATA-002 {2}--data must name a file that exists, was gone\.csv/);
  });
});
