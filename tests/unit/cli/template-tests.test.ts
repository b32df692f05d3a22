import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { isTemplate, strategyFromTemplate, STRATEGY_TEMPLATES } from '#src/cli/templates/strategy-templates.js';
import { testFromTemplate } from '#src/cli/templates/strategy-test.js';
import { requireBuild } from '../../simulation/support/lives.js';

const NAMES = Object.keys(STRATEGY_TEMPLATES).filter(isTemplate);
const folder = mkdtempSync(join(tmpdir(), 'perpsbot-tested-'));

/** As `strategy new` says it, in a folder where the package is installed. */
function nodeTest(...files: readonly string[]): Promise<{ readonly code: number | null; readonly said: string }> {
  return new Promise((done, reject) => {
    const env = { ...process.env };
    delete env['NODE_TEST_CONTEXT'];
    const child = spawn(process.execPath, ['--test', '--test-reporter=tap', ...files], { cwd: folder, env });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (said += chunk.toString()));
    child.on('error', reject).on('close', (code) => done({ code, said }));
  });
}

beforeAll(() => {
  requireBuild();
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(resolve('.'), join(folder, 'node_modules/perpsbot'), 'dir');
  for (const name of NAMES) {
    writeFileSync(join(folder, `${name}.mjs`), strategyFromTemplate(name, name, false));
    writeFileSync(join(folder, `${name}.test.mjs`), testFromTemplate(name, name, `${name}.mjs`));
  }
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('the tests that `strategy new` writes', () => {
  it('pass, two for each template, by the test runner of Node.js', async () => {
    const { code, said } = await nodeTest(...NAMES.map((name) => `${name}.test.mjs`));
    expect({ code, said }).toEqual({ code: 0, said: expect.stringMatching(/^# pass 10$/m) });
  }, 120_000);
});
