import { chmodSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import 'reflect-metadata';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { serveVenue } from '#di/wire/serve-venue.js';
import type { ServedVenue } from '#src/ports/venue/serving/served-venue.js';
import { perpsbotNow } from '../../support/command-line.js';

const PAGE = readFileSync('docs/venue-simulator.md', 'utf8');
/** Inside the package: what a strategy imports is found by its own name. */
const DIRECTORY = resolve('.cache/live-by-the-book');

/** The block of the page that is called so. */
const block = (name: string): string => {
  const found = new RegExp(`\`\`\`yaml\\n# ${name}\\n([\\s\\S]*?)\`\`\``).exec(PAGE)?.[1];
  if (found === undefined) throw new Error(`${name} stands in no block of the page`);
  return found;
};

/** Where this test has put things: the page stands in its own directory. */
const placed = (text: string, port: number): string =>
  text.replaceAll('127.0.0.1:8790', `127.0.0.1:${port}`).replaceAll(/file: (api-\w+)/g, `file: ${DIRECTORY}/$1`);

describe('a live bot on the server, by the page', () => {
  let served: ServedVenue;
  beforeAll(async () => {
    const keys = [{ key: 'test', secret: 'test-secret' }];
    served = await serveVenue({ protocol: 'binance-usdm', market: { from: 'generated' }, port: 0, keys });
    rmSync(DIRECTORY, { recursive: true, force: true });
    mkdirSync(DIRECTORY, { recursive: true });
    for (const [name, text] of [
      ['api-key', 'test'],
      ['api-secret', 'test-secret'],
      ['live.yaml', placed(block('live.yaml'), served.port)],
      ['strategy.mjs', readFileSync('tests/simulation/wire/live-strategy.mjs', 'utf8')],
    ] as const) {
      writeFileSync(join(DIRECTORY, name), text);
      chmodSync(join(DIRECTORY, name), 0o600);
    }
  });
  afterAll(async () => {
    await served.close();
    rmSync(DIRECTORY, { recursive: true, force: true });
  });

  it('orders, fills, leaves, and holds nothing when it goes; its key stands nowhere', async () => {
    const state = join(DIRECTORY, 'state');
    const config = ['--config', join(DIRECTORY, 'live.yaml'), '--state', state];
    const run = ['start', ...config, '--strategy', join(DIRECTORY, 'strategy.mjs'), '--for', '8s', '--json'];
    const { code, data, stdout, stderr } = await perpsbotNow(...run);
    if (code !== 0) throw new Error(`${stdout}${stderr}`);
    expect([code, stderr.includes('test-secret'), stdout.includes('test-secret')]).toEqual([0, false, false]);
    expect(data).toMatchObject({ world: 'live', safety: { state: 'NORMAL' } });
    expect(Number(data['fills'])).toBeGreaterThan(1);
    const again = await perpsbotNow('status', '--state', state, '--json');
    expect(again.stdout).toContain('NORMAL');
    expect(readFileSync(join(state, 'journal.db')).includes('test-secret')).toBe(false);
  }, 60_000);
});
