import 'reflect-metadata';
import { closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, jest } from '@jest/globals';
import { fault } from '#src/domain/errors.js';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import { StderrOutput, writeWhole } from '#src/platform/stderr-output.js';
import { WinstonLogger } from '#src/platform/winston-logger.js';
import type { LogOutput } from '#src/ports/configuration/logger.js';
import type { LoggingSettings } from '#src/ports/configuration/settings/logging-settings.js';
import { FakeConfigController, testConfig } from '../../support/config.js';

class MemoryOutput implements LogOutput {
  readonly dropped = 0;
  text = '';

  write(line: string): void {
    this.text += line;
  }
  get lines(): string[] {
    return this.text.split('\n').slice(0, -1);
  }
  get records(): Record<string, unknown>[] {
    return this.lines.map((line) => JSON.parse(line) as Record<string, unknown>);
  }
}

function logging(settings: Partial<LoggingSettings> = {}): {
  readonly logger: WinstonLogger;
  readonly output: MemoryOutput;
  readonly config: FakeConfigController;
  readonly redactor: SecretRedactor;
} {
  const config = new FakeConfigController(testConfig({ logging: { level: 'info', json: true, ...settings } }));
  const output = new MemoryOutput();
  const redactor = new SecretRedactor();
  const clock = { monotonic: () => 0, wall: () => Date.UTC(2024, 0, 2, 3, 4, 5, 6) };
  return { logger: new WinstonLogger(config, clock, redactor, output), output, config, redactor };
}

describe('logger', () => {
  it('writes one JSON object a line, in UTC, fields beside the envelope', async () => {
    const { logger, output } = logging();
    logger.info('Order sent', { symbol: 'BTC-PERP', quantity: '0.1' });
    logger.warn('Plain');
    await logger.close();
    expect(output.records).toEqual([
      { time: '2024-01-02T03:04:05.006Z', level: 'info', message: 'Order sent', symbol: 'BTC-PERP', quantity: '0.1' },
      { time: '2024-01-02T03:04:05.006Z', level: 'warn', message: 'Plain' },
    ]);
  });

  it('never lets a field replace the envelope', async () => {
    const { logger, output } = logging();
    logger.error('Real', { message: 'forged', level: 'debug', time: 0 });
    await logger.close();
    expect(output.records).toEqual([
      {
        time: '2024-01-02T03:04:05.006Z',
        level: 'error',
        message: 'Real',
        'fields.message': 'forged',
        'fields.level': 'debug',
        'fields.time': 0,
      },
    ]);
  });

  it('redacts messages and fields before any transport sees them (SE-06)', async () => {
    const { logger, output, redactor } = logging();
    redactor.register('c4nary-secret');
    logger.error('Call with c4nary-secret failed', {
      error: new Error('c4nary-secret'),
      headers: { authorization: 'x' },
      url: '/?a=c4nary-secret',
    });
    await logger.close();
    expect(output.text).not.toContain('c4nary');
    expect(output.records[0]).toMatchObject({
      message: 'Call with [redacted] failed',
      headers: { authorization: '[redacted]' },
    });
  });

  it('drops no line, whatever its fields hold (B-88)', async () => {
    const { logger, output } = logging();
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    logger.info('1', { big: 1n, circle, fn: () => 1, nan: Number.NaN });
    logger.info('2', circle);
    logger.info('3', null as never);
    logger.info('4', {
      get bad(): never {
        throw new Error('getter');
      },
    });
    logger.info(
      '5',
      new Proxy(
        {},
        {
          ownKeys: () => {
            throw new Error('trap');
          },
        },
      ),
    );
    await logger.close();
    expect(output.records.map((record) => record['message'])).toEqual(['1', '2', '3', '4', '5']);
  });

  it('keeps the stack and the code of errors', async () => {
    const { logger, output } = logging();
    logger.error('Failed', { error: fault('STORE-004', 'Journal must take records.') });
    await logger.close();
    expect(output.records[0]?.['error']).toMatchObject({
      code: 'STORE-004',
      message: 'Journal must take records.',
      stack: expect.stringContaining('winston-logger.test'),
    });
  });

  it('follows level and form when the configuration changes', async () => {
    const { logger, output, config } = logging({ level: 'warn' });
    logger.info('hidden');
    logger.debug('hidden');
    expect(logger.debugEnabled).toBe(false);
    config.apply({ updated: testConfig({ logging: { level: 'debug', json: false } }), diff: {} });
    expect(logger.debugEnabled).toBe(true);
    logger.debug('shown', { n: 1 });
    await logger.close();
    expect(output.lines).toEqual(['2024-01-02T03:04:05.006Z DEBUG shown n=1']);
  });

  it.each([true, false])('cannot be made to forge a line (json: %s)', async (json) => {
    const { logger, output } = logging({ json });
    const forged = 'x\r\n{"level":"info","message":"forged"}\u2028\u001b[2J';
    logger.info(forged, { reason: forged, [forged]: forged });
    await logger.close();
    expect(output.lines).toHaveLength(1);
    expect(output.lines[0]).not.toMatch(/[\u0000-\u001f\u2028]/);
  });

  it('shows people fields as key=value and an error with its frames', async () => {
    const { logger, output } = logging({ json: false });
    const error = Object.assign(new Error('Venue must answer.\nINFO forged'), { status: 503 });
    logger.warn('Retry', { symbol: 'BTC-PERP', reason: 'no answer', list: [1, 2], error });
    await logger.close();
    const [head, ...frames] = output.lines;
    expect(head).toContain('WARN  Retry symbol=BTC-PERP reason="no answer" list=[1,2] error="Venue must answer.');
    expect(frames.length).toBeGreaterThan(0);
    expect(frames.every((line) => line.startsWith('    at '))).toBe(true);
  });

  it('shows people no frames of what has a code: its page says what to do', async () => {
    const { logger, output } = logging({ json: false });
    logger.warn('Retry', { error: fault('VENUE-002', 'Venue must answer.') });
    await logger.close();
    expect(output.lines.filter((line) => line !== '')).toEqual([
      expect.stringMatching(/WARN  Retry error="VENUE-002 Venue must answer\."$/),
    ]);
  });

  it('has written everything once it is closed, and loses nothing that comes later', async () => {
    const { logger, output, config } = logging();
    for (let n = 0; n < 500; n += 1) logger.info(`line ${n}`);
    await logger.close();
    expect(output.lines).toHaveLength(500);
    await logger.close();
    logger.error('after the end');
    expect(output.records.at(-1)?.['message']).toBe('after the end');
    config.apply({ updated: testConfig({ logging: { level: 'debug' } }), diff: {} });
    expect(logger.debugEnabled).toBe(false);
  });
});

describe('standard error as the output', () => {
  it('survives an output that throws, which is told once, and closes', async () => {
    const told = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    const { logger, output } = logging();
    const write = jest.spyOn(output, 'write').mockImplementation(() => {
      throw new Error('no space');
    });
    logger.info('a');
    logger.error('b');
    write.mockRestore();
    logger.info('c');
    await logger.close();
    expect(output.records).toMatchObject([{ message: 'c' }]);
    expect(told.mock.calls).toEqual([["The log's output threw, and its lines are lost: no space"]]);
    told.mockRestore();
  });

  it('starts with nothing lost', () => {
    expect(new StderrOutput().dropped).toBe(0);
  });

  it('writes whole lines, and gives up instead of throwing where nothing can be written (PR-15)', () => {
    const directory = mkdtempSync(join(tmpdir(), 'perps-log-'));
    const path = join(directory, 'log');
    const file = openSync(path, 'w');
    const line = Buffer.from(`${'ü'.repeat(100_000)}\n`);
    expect(writeWhole(file, line)).toBe(true);
    closeSync(file);
    expect(readFileSync(path).equals(line)).toBe(true);
    if (existsSync('/dev/full')) {
      const full = openSync('/dev/full', 'w');
      expect(writeWhole(full, line)).toBe(false);
      closeSync(full);
    }
    const closed = openSync(path, 'r');
    closeSync(closed);
    expect(writeWhole(closed, line)).toBe(false);
    rmSync(directory, { recursive: true });
  });
});
