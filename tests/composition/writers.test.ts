import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const services = readdirSync('src/services', { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => join('src/services', name))
  .sort();
const text = new Map(services.map((path) => [path, readFileSync(path, 'utf8')]));

/** Files of src/services that know a port and hold such a call. */
const callers = (port: string, call: RegExp): string[] =>
  services.filter((path) => {
    const content = text.get(path) ?? '';
    return new RegExp(`import [^;]*\\b${port}\\b[^;]*/ports/`).test(content) && call.test(content);
  });

describe('shared state', () => {
  it.each([
    ['WindowStore', /windows\.append(All)?\(/, ['market-data/market-data-service.ts']],
    ['SeriesStore', /series\.append\(/, ['market-data/market-data-service.ts', 'runtime/marked-trading-cycle.ts']],
    ['LastDecisions', /ecisions\.record\(/, ['strategy/decision-recorder.ts']],
    ['OrderStats', /\.(attempted|successful|failed|others) [+-]= /, ['execution/coordinator/order-counter.ts']],
    ['Portfolio', /portfolio\.(applyFill|applyFunding|deposit)\(/, ['execution/account/account-book.ts']],
    [
      'OpenOrders',
      /openOrders\.put\(/,
      ['execution/orders/order-log-service.ts', 'runtime/account-runtime-coordinator.ts'],
    ],
  ])('%s is written where it is said to be, and nowhere else in the services', (port, call, writers) => {
    expect(callers(port, call)).toEqual(writers.map((path) => join('src/services', path)));
  });

  it('knows no world: the brand of a venue is compared once, before anything connects', () => {
    const aware = services.filter((path) =>
      /\.(world|environment)\b|\b(world|environment) [,}]|\{ (world|environment)\b/.test(text.get(path) ?? ''),
    );
    expect(aware).toEqual(
      [
        // Compares brand and world.
        'src/services/runtime/account-runtime-coordinator.ts',
        // Prints the world for whoever looks at the bot.
        'src/services/monitor/status-monitor.ts',
      ].sort(),
    );
  });
});
