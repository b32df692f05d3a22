import 'reflect-metadata';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { perpsbot } from '../support/command-line.js';
import { Judge, type MutationKind } from '../support/mutations/judge.js';

const directory = mkdtempSync(join(tmpdir(), 'pb-mutations-'));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

/** The first of those that `npm run mutations` gives processes of their own, by the commands alone. */
describe.each<[MutationKind, number]>([
  ['config', 60],
  ['data', 40],
])('files of %s that something has happened to', (kind, count) => {
  it(`are refused with code, file and fix, or are as good as they were, or it is said: seeds 1 to ${count}`, async () => {
    const judge = new Judge(directory, async (words) => perpsbot(...words));
    const wrong: (string | undefined)[] = [];
    for (let seed = 1; seed <= count; seed += 1) wrong.push(await judge.wrong(kind, seed));
    expect(wrong.filter((found) => found !== undefined)).toEqual([]);
  });
});

/** Found by seed 137. */
it.each([
  ['strategy:\n  name: yes\n', 'CFG-008', 2],
  ['strategy:\n  longMa: 9\n  params:\n    nobody: 1\n', 'CFG-008', 4],
])('a setting that only a service can refuse is refused by its line: %j', async (text, code, line) => {
  const file = join(directory, 'refused.yaml');
  writeFileSync(file, text);
  const data = 'docs/sample/synthetic-bars.csv';
  const { stdout } = await perpsbot('backtest', '--json', '--config', file, '--data', data);
  const { error } = JSON.parse(stdout) as { readonly error: { readonly code: string; readonly where: string | null } };
  expect(error.code).toBe(code);
  expect(error.where).toContain(`${file}:${line}:`);
});
