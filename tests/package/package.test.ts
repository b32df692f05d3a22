import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

interface Packed {
  readonly files: readonly { readonly path: string }[];
}

/** What a tarball of the checkout would hold; nothing is built or written for it. */
const packed = (): ReadonlySet<string> => {
  const told = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { encoding: 'utf8' });
  const [{ files }] = JSON.parse(told) as [Packed];
  return new Set(files.map(({ path }) => path));
};

/** The anchor of a heading, as the registries make it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');

const anchorsOf = (page: string): string[] =>
  [...readFileSync(page, 'utf8').matchAll(/^#+ (.+)$/gm)].map((match) => anchorOf(match[1] ?? ''));

describe('the package', () => {
  const files = packed();

  it('holds its program, its license and its history, and nothing that only the checkout needs', () => {
    for (const path of ['LICENSE', 'CHANGELOG.md', 'README.md', 'dist/launch.js', 'config/profiles/demo.yaml'])
      expect(files).toContain(path);
    const strange = [...files].filter((path) => /\.map$|(^|\/)(src|di|tests|\.)[/.]|\.stamp$|tsbuildinfo/.test(path));
    expect(strange.filter((path) => !path.startsWith('dist/'))).toEqual([]);
    expect(strange.filter((path) => /\.(map|stamp)$/.test(path))).toEqual([]);
  });

  it('links from its README to files and headings that it holds', () => {
    const links = [...readFileSync('README.md', 'utf8').matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]*))?\)/g)];
    expect(links.length).toBeGreaterThan(10);
    const broken = links.filter(([, path = '', anchor]) => {
      const page = path === '' ? 'README.md' : path;
      return !files.has(page) || !existsSync(page) || (anchor !== undefined && !anchorsOf(page).includes(anchor));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
