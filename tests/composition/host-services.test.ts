import 'reflect-metadata';
import { afterAll, describe, expect, it, jest } from '@jest/globals';
import { cpSync, mkdirSync, rmSync } from 'node:fs';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Container, ContainerModule, inject as injectUntyped, injectable } from 'inversify';
import {
  BackgroundTask,
  Clock,
  createBot,
  inject,
  Lifecycle,
  Logger,
  Portfolio,
  Redactor,
  StatusSource,
  StrategyDefinition,
  token,
  type BotContainer,
  type LogFields,
  type PerpsBot,
  type Token,
} from 'perpsbot';
import { tokenName } from '#src/injection/token.js';
import { RecordingLogger } from '#src/testing/recording-logger.js';

const CONFIG = {
  profile: 'demo',
  simulation: { seed: 1, speed: 'max' },
  storage: { driver: 'memory' },
  logging: { level: 'error' },
};
const bot = (parent: Container, overrides?: (container: BotContainer) => void): PerpsBot =>
  createBot({ config: CONFIG, parent, ...(overrides === undefined ? {} : { overrides }) });
const problems = ({ composition }: PerpsBot): string[] =>
  composition.verify().problems.map(({ code, message }) => `${code} ${message}`);
const refused = (code: string): unknown => expect.objectContaining({ code });

interface Report {
  readonly portfolio: Portfolio;
}
const Report = token<Report>('Report');
const Outer = token<{ readonly report: Report }>('Outer');
const HostLog = token<Logger>('HostLog');

@injectable()
class PortfolioReport implements Report {
  constructor(@inject(Portfolio) readonly portfolio: Portfolio) {}
}
@injectable()
class OuterReport {
  constructor(@inject(Report) readonly report: Report) {}
}
@injectable()
class TimedLog extends RecordingLogger {
  constructor(@injectUntyped(Clock) readonly clock: Clock) {
    super();
  }
}

describe("a singleton of the host's that takes a bot's service", () => {
  it('is refused to both bots under the host, at the first question and by verify', () => {
    const host = new Container();
    host.bind(Report).to(PortfolioReport).inSingletonScope();
    for (const each of [bot(host), bot(host)]) {
      expect(() => each.container.get(Report)).toThrow(refused('DI-013'));
      expect(problems(each)).toEqual([
        expect.stringMatching(/^DI-013 Report of the host's container must not take Portfolio/),
      ]);
    }
  });

  it.each<[string, (host: Container) => unknown]>([
    ['behind a transient one', (host) => host.bind(Outer).to(OuterReport).inTransientScope()],
    ['behind an alias', (host) => host.bind(Outer).toService(Report)],
    [
      'in a resolved value',
      (host) =>
        host
          .bind(Outer)
          .toResolvedValue((report: Report) => ({ report }), [Report])
          .inSingletonScope(),
    ],
  ])('%s', (_name, bind) => {
    const host = new Container();
    host.bind(Report).to(PortfolioReport).inSingletonScope();
    bind(host);
    const first = bot(host);
    expect(() => first.container.get(Outer)).toThrow(refused('DI-013'));
    expect(() => first.container.getAll(Outer)).toThrow(refused('DI-013'));
  });

  it('is refused before anything is opened, when the bot itself would use it', async () => {
    const host = new Container();
    host.bind(HostLog).to(TimedLog).inSingletonScope();
    const borrowing = (): PerpsBot => bot(host, (container) => container.rebind(Logger).toService(HostLog));
    await expect(borrowing().open()).rejects.toEqual(refused('DI-013'));
    expect(problems(borrowing()).join()).toMatch(/DI-013 HostLog of the host's container must not take Clock/);
  });

  it('is made by the host first, when the host has one of its own', () => {
    const host = new Container();
    const clock = { now: () => 7 };
    host.bind(Clock).toConstantValue(clock);
    host.bind(HostLog).to(TimedLog).inSingletonScope();
    const borrowing = bot(host, (container) => container.rebind(Logger).toService(HostLog));
    expect((borrowing.container.get(Logger) as TimedLog).clock).toBe(clock);
    expect(problems(borrowing)).toEqual([]);
  });
});

describe("what a host may do with a bot's services", () => {
  it('a transient service takes those of the bot that asks, one object for each bot', () => {
    const host = new Container();
    host.bind(HostLog).to(TimedLog).inTransientScope();
    const make = (): PerpsBot => bot(host, (container) => container.rebind(Logger).toService(HostLog));
    const [first, second] = [make(), make()];
    for (const each of [first, second]) {
      expect(problems(each)).toEqual([]);
      expect((each.container.get(Logger) as TimedLog).clock).toBe(each.container.get(Clock));
      expect(each.container.get(Logger)).toBe(each.container.get(Logger));
    }
    expect(first.container.get(Logger)).not.toBe(second.container.get(Logger));
  });

  it('an alias of its own points to one bot', () => {
    const host = new Container();
    const first = bot(host);
    const Published = token<Portfolio>('Published');
    host.bind(Published).toDynamicValue(() => first.portfolio);
    expect(problems(bot(host))).toEqual([]);
    expect(host.get(Published)).toBe(first.portfolio);
  });
});

describe("a logger of the host's that throws, fails later, and knows no secrets", () => {
  const told: string[] = [];
  const lines: { readonly message: string; readonly fields: unknown }[] = [];
  const bad = (message: string, fields?: LogFields): void => {
    lines.push({ message, fields });
    throw new Error('no socket');
  };
  const later = (message: string, fields?: LogFields): Promise<void> => {
    lines.push({ message, fields });
    return Promise.reject(new Error('no socket'));
  };
  const made = (): Logger =>
    Object.assign(new RecordingLogger(), {
      error: bad,
      warn: later,
      info: bad,
      debug: later,
    });
  @injectable()
  class ThrowingLog {
    constructor() {
      Object.assign(this, made());
    }
  }
  const Probe = token<{ readonly logger: Logger }>('Probe');
  @injectable()
  class LogProbe {
    constructor(@inject(Logger) readonly logger: Logger) {}
  }
  const SECRET = 'k3y-of-the-venue';

  it.each<[string, (host: Container) => void, (container: BotContainer) => unknown]>([
    ['rebound as an object', () => undefined, (open) => open.rebind(Logger).toConstantValue(made())],
    ['rebound as a class', () => undefined, (open) => open.rebind(Logger).to(ThrowingLog as never)],
    ['rebound twice', () => undefined, (open) => [1, 2].map(() => open.rebind(Logger).toConstantValue(made()))],
    [
      'taken away and bound',
      () => undefined,
      (open) => [open.unbind(Logger), open.bind(Logger).toConstantValue(made())],
    ],
    [
      'rebound by a module',
      () => undefined,
      (open) => open.load(new ContainerModule((module) => void module.rebind(Logger).toConstantValue(made()))),
    ],
    [
      'lent by an alias',
      (host) => host.bind(HostLog).toConstantValue(made()),
      (open) => open.rebind(Logger).toService(HostLog),
    ],
    ['lent by the parent', (host) => host.bind(Logger).toConstantValue(made()), (open) => open.unbind(Logger)],
    [
      'lent by the parent of the parent',
      (host) =>
        host
          .bind(Logger)
          .to(ThrowingLog as never)
          .inSingletonScope(),
      (open) => open.unbind(Logger),
    ],
  ])('%s: ends nothing, is told of once, and is handed no secret', async (_way, inHost, override) => {
    told.length = lines.length = 0;
    const warned = jest.spyOn(process, 'emitWarning').mockImplementation((message) => void told.push(String(message)));
    const host = new Container();
    inHost(host);
    const tried = createBot({
      config: CONFIG,
      parent: new Container({ parent: host }),
      overrides: (container) => {
        override(container);
        container.bind(Probe).to(LogProbe);
      },
    });
    expect(problems(tried)).toEqual([]);
    tried.container.get(Redactor).register(SECRET);
    const { logger } = tried.container.get(Probe);
    for (const level of ['error', 'warn', 'info', 'debug'] as const)
      logger[level](`asked with ${SECRET}`, { url: `https://venue/?a=${SECRET}`, password: 'hunter2', n: 1 });
    await tried.run({ cycles: 2 });
    warned.mockRestore();
    expect(told).toEqual(['The logger threw, and its line is lost: no socket']);
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines.slice(0, 4))
      expect(line).toEqual({
        message: 'asked with [redacted]',
        fields: { url: 'https://venue/?a=[redacted]', password: '[redacted]', n: 1 },
      });
    expect(JSON.stringify(lines)).not.toContain(SECRET);
  });
});

describe('parts, tasks and sources that would never run', () => {
  it.each(
    ([Lifecycle, BackgroundTask, StatusSource, StrategyDefinition] as Token<object>[]).map(
      (id) => [tokenName(id), id] as const,
    ),
  )("%s bound in the host's container is an error of verify", (name, id) => {
    const host = new Container();
    host.bind(id).toConstantValue({ name: 'mine' });
    expect(problems(bot(host))).toEqual([`DI-012 ${name} is bound in the host's container, where no bot collects it.`]);
  });

  it.each<[string, Token<object>, object]>([
    ['runtime-guards', BackgroundTask as Token<object>, { enabled: true, run: () => Promise.resolve() }],
    ['market-data', Lifecycle as Token<object>, { start: () => undefined, stop: () => undefined }],
    ['streaming', StatusSource as Token<object>, { status: () => ({}) }],
  ])('a second %s is one too', (name, id, member) => {
    const twice = bot(new Container(), (container) => container.bind(id).toConstantValue({ name, ...member }));
    expect(problems(twice)).toEqual([expect.stringMatching(`^DI-012 .*${name} is used twice`)]);
  });

  it('a disabled one is fine', () => {
    const off = { name: 'runtime-guards', enabled: false, run: () => Promise.resolve() };
    const quiet = bot(new Container(), (container) => container.bind(BackgroundTask).toConstantValue(off));
    expect(problems(quiet)).toEqual([]);
  });

  it('and without verify the run ends by name', async () => {
    const twin = { name: 'runtime-guards', enabled: true, run: () => Promise.resolve() };
    const loud = bot(new Container(), (container) => container.bind(BackgroundTask).toConstantValue(twin));
    await expect(loud.run({ cycles: 1 })).rejects.toEqual(refused('DI-012'));
  });
});

describe('every failure of the container has a code', () => {
  const copy = resolve(`node_modules/.cache/inversify-copy-${process.pid}`);
  afterAll(() => rmSync(copy, { recursive: true, force: true }));
  const made = (overrides: (container: BotContainer) => void): PerpsBot => createBot({ config: CONFIG, overrides });

  it('a parent of another copy of inversify', async () => {
    for (const name of ['container', 'core', 'common', 'plugin', 'prototype-utils', 'reflect-metadata-utils']) {
      mkdirSync(`${copy}/node_modules/@inversifyjs`, { recursive: true });
      const [from, to] = [`node_modules/@inversifyjs/${name}`, `${copy}/node_modules/@inversifyjs/${name}`];
      cpSync(from, to, { recursive: true, dereference: true });
    }
    const path = pathToFileURL(`${copy}/node_modules/@inversifyjs/container/lib/index.js`).href;
    const other = (await import(path)) as { Container: new () => Container };
    expect(other.Container).not.toBe(Container);
    expect(() => bot(new other.Container())).toThrow(refused('DI-014'));
    expect(() => bot({ get: () => undefined } as unknown as Container)).toThrow(refused('DI-014'));
  });

  it.each<[string, string, (container: BotContainer) => unknown]>([
    ['several bindings where one is wanted', 'DI-009', (open) => open.bind(Clock).toConstantValue({} as Clock)],
    [
      'an asynchronous binding',
      'DI-010',
      (open) => open.rebind(Logger).toDynamicValue(() => Promise.resolve({} as Logger)),
    ],
    ['a missing binding', 'DI-001', (open) => open.unbind(Clock)],
    ['a circle', 'DI-002', (open) => open.rebind(Clock).toResolvedValue((clock: Clock) => clock, [Clock])],
    [
      'a constructor that throws',
      'DI-016',
      (open) =>
        open.rebind(Clock).toResolvedValue(() => {
          throw new TypeError('no clock here');
        }),
    ],
  ])('%s, at open and at get', async (_name, code, override) => {
    await expect(made((open) => void override(open)).open()).rejects.toEqual(refused(code));
    const { container } = made((open) => void override(open));
    const id = code === 'DI-010' ? Logger : Clock;
    expect(() => container.get(id as Token<object>)).toThrow(refused(code));
    const { composition } = made((open) => void override(open));
    expect(composition.verify().problems.map((problem) => problem.code)).toContain(code);
  });

  it('a class that cannot be injected, a snapshot that nobody took', () => {
    class Bare {
      constructor(readonly needed: object) {}
    }
    expect(() => made((open) => open.rebind(Clock).to(Bare as never))).toThrow(refused('DI-015'));
    expect(() => made((open) => open.restore())).toThrow(refused('DI-015'));
  });
});
