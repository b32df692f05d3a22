import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { cut, pages, readTested, render } from '../snippets.mjs';

const SOURCE = [
  'import x;',
  '// #region outer',
  '  one();',
  '    // #region inner',
  '    two();',
  '    // #endregion',
  '',
  '  three();',
  '// #endregion',
  'rest();',
].join('\n');
const read = (file: string): string | undefined => (file === 'docs/examples/x.ts' ? SOURCE : undefined);
const block = (code: string, language = 'ts'): string => `\`\`\`${language}\n${code}\n\`\`\``;

describe('the documentation', () => {
  it.each(pages())('shows in %s only code that is run by the tests, as it stands there', (page) => {
    const shown = readFileSync(page, 'utf8');
    const { text, problems } = render(shown, readTested);
    expect(problems).toEqual([]);
    // `npm run --silent snippets` brings the page up to date.
    expect(shown).toBe(text);
  });

  it('has pages to check', () => {
    expect(pages()).toEqual(expect.arrayContaining(['README.md', 'docs/embedding.md', 'docs/testing.md']));
  });
});

describe('a snippet', () => {
  it('is a region without its marks and its indentation', () => {
    expect(cut(SOURCE, 'inner')).toBe('two();');
    expect(cut(SOURCE, 'outer')).toBe('one();\n  two();\n\nthree();');
    expect(cut(SOURCE, 'none')).toBeUndefined();
    expect(cut('// #region open\nx();', 'open')).toBeUndefined();
  });

  const named = (name: string): string => `# Page\n\n<!-- snippet: ${name} -->`;

  it('is filled in, or replaced when it has gone stale', () => {
    const right = `${named('docs/examples/x.ts#inner')}\n${block('two();')}\n\nText`;
    expect(render(`${named('docs/examples/x.ts#inner')}\n${block('stale();')}\n\nText`, read)).toEqual({
      text: right,
      problems: [],
    });
    expect(render(`${named('docs/examples/x.ts#inner')}\n\nText`, read)).toEqual({ text: right, problems: [] });
    expect(render(right, read)).toEqual({ text: right, problems: [] });
  });

  it('must be named, wherever it is code of ours', () => {
    const page = `Text\n${block('loose();')}\n${block('npm ci', 'sh')}\n${block('a: 1', 'yaml')}`;
    expect(render(page, read)).toEqual({
      text: page,
      problems: [expect.stringContaining('line 2: a ts block must be cut from a tested file')],
    });
  });

  it('must come from a file that is tested and has the region', () => {
    for (const name of ['docs/examples/x.ts#none', 'docs/examples/y.ts#inner', 'src/x.ts#inner']) {
      expect(render(`${named(name)}\n${block('kept();')}`, read).problems).toEqual([
        `${name} is no region of a tested file`,
      ]);
    }
  });
});
