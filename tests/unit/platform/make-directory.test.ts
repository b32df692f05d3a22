import { existsSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { makeDirectory } from '#src/flow/make-directory.js';

describe('a directory that is made', () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'perpsbot-make-'));
  });
  afterEach(() => {
    rmSync(root, { recursive: true, force: true });
  });

  it('has its parents, each with the given mode, and may be there already', () => {
    const path = join(root, 'a', 'b', 'c');
    makeDirectory(path, 0o700);
    makeDirectory(path, 0o755);

    expect([path, join(root, 'a')].map((each) => statSync(each).mode & 0o777)).toEqual([0o700, 0o700]);
  });

  it.each([
    ['a file in its place', 'file', 'EEXIST'],
    ['a file above it', 'file/below', 'ENOTDIR'],
    ['a link to nowhere', 'link', 'EEXIST'],
  ])('is refused for %s', (_, name, code) => {
    writeFileSync(join(root, 'file'), '');
    symlinkSync(join(root, 'nowhere'), join(root, 'link'));

    expect(() => {
      makeDirectory(join(root, name));
    }).toThrow(code);
  });

  // Node's own way of making parents never ends there.
  it('is refused where no directory can be', () => {
    writeFileSync(join(root, 'file'), '');
    const nowhere = existsSync('/proc/self') ? '/proc/perpsbot/state' : join(root, 'file', 'state');

    expect(() => {
      makeDirectory(nowhere);
    }).toThrow(/ENOENT|EACCES|ENOTDIR/);
  });
});
