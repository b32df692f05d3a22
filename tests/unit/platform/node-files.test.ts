import 'reflect-metadata';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeDataFiles } from '#src/platform/node-data-files.js';
import { NodeFiles } from '#src/platform/node-files.js';

const files = new NodeFiles();
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'perps-files-'));
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
});

describe('files', () => {
  it('replaces a file whole, for its owner alone, and leaves no other file (B-87)', () => {
    const path = files.join(root, 'metrics.json');
    writeFileSync(path, 'old');
    chmodSync(path, 0o644);
    files.writeAtomic(path, 'new ü');
    expect(readFileSync(path, 'utf8')).toBe('new ü');
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(readdirSync(root)).toEqual(['metrics.json']);
  });

  it('keeps the old content and leaves nothing behind when a write fails (PR-09)', () => {
    const target = files.join(root, 'busy');
    mkdirSync(join(target, 'child'), { recursive: true });
    expect(() => files.writeAtomic(target, 'x')).toThrow(
      expect.objectContaining({ code: 'STORE-004', message: expect.stringContaining(target) }),
    );
    expect(readdirSync(root)).toEqual(['busy']);
    expect(() => files.writeAtomic(files.join(root, 'missing', 'a.json'), 'x')).toThrow(
      expect.objectContaining({ code: 'STORE-004' }),
    );
  });

  it('tells a missing file from one it cannot read', () => {
    expect(files.readText(files.join(root, 'none'))).toBeUndefined();
    writeFileSync(join(root, 'some'), 'text');
    expect(files.readText(files.join(root, 'some'))).toBe('text');
    expect(() => files.readText(root)).toThrow(expect.objectContaining({ code: 'STORE-003', where: root }));
  });

  it('makes directories for their owner alone', () => {
    const path = files.join(root, 'a', 'b');
    files.ensureDirectory(path);
    files.ensureDirectory(path);
    expect(statSync(path).mode & 0o777).toBe(0o700);
    writeFileSync(join(root, 'file'), '');
    expect(() => files.ensureDirectory(files.join(root, 'file', 'c'))).toThrow(
      expect.objectContaining({ code: 'STORE-003', message: expect.stringContaining(join(root, 'file', 'c')) }),
    );
  });

  it('takes away what killed processes left of the same file, and nothing that is being written now', () => {
    const target = files.join(root, 'health.json');
    const old = (name: string): void => {
      writeFileSync(files.join(root, name), 'half');
      utimesSync(files.join(root, name), 1, 1);
    };
    for (const name of ['.health.json.a.tmp', '.health.json.b.tmp', '.other.json.c.tmp', 'health.json.tmp']) old(name);
    writeFileSync(files.join(root, '.health.json.young.tmp'), 'half');
    new NodeFiles().writeAtomic(target, 'whole');
    expect(
      readdirSync(root)
        .filter((name) => name.endsWith('.tmp'))
        .sort(),
    ).toEqual(['.health.json.young.tmp', '.other.json.c.tmp', 'health.json.tmp']);
  });

  it('takes away what a killed import left, too', () => {
    const name = '.1.col.0b0e1d3c-1111-4222-8333-444455556666.tmp';
    for (const each of [name, '.1.col.mine.tmp', '.2.col.0b0e1d3c-1111-4222-8333-444455556666.tmp']) {
      writeFileSync(files.join(root, each), 'half');
      if (!each.startsWith('.2.')) utimesSync(files.join(root, each), 1, 1);
    }
    new NodeDataFiles().writeAtomic(files.join(root, '3.col'), [new Uint8Array([1])]);
    expect(readdirSync(root).filter((each) => each.endsWith('.tmp'))).toEqual([
      '.1.col.mine.tmp',
      '.2.col.0b0e1d3c-1111-4222-8333-444455556666.tmp',
    ]);
  });
});
