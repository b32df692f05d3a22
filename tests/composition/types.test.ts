import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const FOLDER = 'tests/types';
const files = readdirSync(FOLDER).map((name) => join(FOLDER, name));

describe('what must not compile', () => {
  it('stands in the program of the type check, which fails where it does compile', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as {
      readonly scripts: Readonly<Record<string, string>>;
    };
    expect(scripts['typecheck']).toBe('tsc -p tests/tsconfig.json');
    const { config } = ts.readConfigFile('tests/tsconfig.json', (file) => readFileSync(file, 'utf8'));
    const program = ts.parseJsonConfigFileContent(config, ts.sys, 'tests').fileNames.map((file) => resolve(file));
    expect(program).toEqual(expect.arrayContaining(files.map((file) => resolve(file))));
  });

  it.each(files)('says in %s why each line must not', (file) => {
    const reasons = [...readFileSync(file, 'utf8').matchAll(/@ts-expect-error(.*)/g)].map(([, reason]) =>
      reason?.trim(),
    );
    expect(reasons.length).toBeGreaterThan(5);
    for (const reason of reasons) expect(reason).toMatch(/\w+ \w+ \w+/);
  });
});
