import { execFileSync } from 'node:child_process';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

describe('the first minute', () => {
  it('of the demo sees an order within thirty seconds of its start', () => {
    const state = mkdtempSync(join(tmpdir(), 'perpsbot-first-'));
    // A cycle is five seconds.
    const words = ['dist/launch.js', 'start', '--cycles', '6', '--speed', 'max', '--state', state, '--json'];
    const { data } = JSON.parse(
      execFileSync(process.execPath, words, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    ) as { readonly data: { readonly orders: { readonly successful: number } } };

    expect(data.orders.successful).toBeGreaterThanOrEqual(1);
  });
});
