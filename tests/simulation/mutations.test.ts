import 'reflect-metadata';
import { mkdtempSync, rmSync } from 'node:fs';
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
