import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { surface, SURFACE, textOf } from '../surface.mjs';

describe('the package', () => {
  const names = surface();

  it('exports the names that are written down: what comes and goes is said in CHANGELOG.md', () => {
    // `npm run surface` renews the file.
    expect(readFileSync(SURFACE, 'utf8')).toBe(textOf(names));
  });

  it('exports interface and token of a port under one name, and types that have no value', () => {
    expect(names['.']).toMatchObject({ Clock: 'value and type', BotContainer: 'type', createBot: 'value' });
    expect(names['./testing']).toMatchObject({ runStrategy: 'value', TestBar: 'type' });
  });

  it('ships what a host must change', () => {
    const { files } = JSON.parse(readFileSync('package.json', 'utf8')) as { readonly files: readonly string[] };
    expect(files).toContain('CHANGELOG.md');
    expect(readFileSync('CHANGELOG.md', 'utf8')).toContain('\n## Unreleased\n');
  });
});
