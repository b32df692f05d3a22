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

  it('says of two sizes at once that there is one, and of no other thing', () => {
    const twice = [
      "{ why: 'a', risk: '1%', quantity: 1, stop: 5 }",
      "{ why: 'a', risk: share, fraction: '50%', stop: 5 }",
      "{ why: 'a', fraction: '50%', risk: share, stop: 5 }",
      "{ why: 'a', notional: 5, quantity: 1, stop: 'none' }",
    ];
    const others = ["{ why: 'a', risk: share, stop: 5 }", "{ why: 'a', fraction: 0.5, stop: 5 }"];
    const said = messagesOf([...twice, ...others].map((order) => `long(${order});`));
    for (const message of said.slice(0, twice.length)) {
      expect(message).toMatch(/assignable to type '"an entry has one size: leave this or the other away"'/);
      expect(message).not.toMatch(/to type 'Share'/);
    }
    expect(said.slice(twice.length)).toEqual(['', expect.stringMatching(/^Type 'number' is not assignable/)]);
  });
});

/** What the compiler says of each line, where an order is handed to a verb. */
function messagesOf(lines: readonly string[]): readonly string[] {
  const file = resolve('tests/types/said.ts');
  const head = `import type { EntryOrder } from '#src/services/strategy/define/entries/entry-order.js';
import type { Share } from '#src/services/strategy/define/share.js';
declare const long: (order: EntryOrder) => void;
declare const share: Exclude<Share, string>;`;
  const source = [head, ...lines].join('\n');
  const { config } = ts.readConfigFile('tests/tsconfig.json', (path) => readFileSync(path, 'utf8'));
  const { options } = ts.parseJsonConfigFileContent(config, ts.sys, 'tests');
  const few = { ...options, types: [], incremental: false, skipLibCheck: true };
  delete few.tsBuildInfoFile;
  const host = ts.createCompilerHost(few);
  const getSourceFile = host.getSourceFile.bind(host);
  const isHere = (path: string): boolean => resolve(path) === file;
  host.fileExists = (path) => isHere(path) || ts.sys.fileExists(path);
  host.getSourceFile = (path, ...more) =>
    isHere(path) ? ts.createSourceFile(path, source, ts.ScriptTarget.ES2022, true) : getSourceFile(path, ...more);
  const program = ts.createProgram([file], few, host);
  const parsed = program.getSourceFile(file) as ts.SourceFile;
  const found = program.getSemanticDiagnostics(parsed);
  const first = head.split('\n').length;
  return lines.map((_, index) =>
    found
      .filter(({ start = 0 }) => parsed.getLineAndCharacterOfPosition(start).line === first + index)
      .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))
      .join('\n'),
  );
}
