import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeFiles } from '#src/platform/node-files.js';
import { RequestsFolder } from '#src/storage/requests-folder.js';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'perpsbot-requests-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const files = new NodeFiles();
const write = (path: string, content: string): void => files.writeAtomic(path, content);
const ask = (command: 'halt' | 'reduce-only' | 'resume', at: number) =>
  new RequestsFolder(directory).leave({ command, actor: 'ada', reason: 'looks wrong', at }, write);
const waiting = () => new RequestsFolder(directory).list();

describe('requests beside the journal', () => {
  it('are none, and no folder, until somebody asks', () => {
    expect(waiting()).toEqual([]);
    expect(existsSync(join(directory, 'requests'))).toBe(false);
  });

  it('are read back whole, oldest first, by whoever opens the folder next', () => {
    const [second, first] = [ask('halt', 2_000), ask('reduce-only', 1_000)];
    expect(waiting()).toEqual([first, second]);
    expect(first).toMatchObject({ command: 'reduce-only', actor: 'ada', reason: 'looks wrong', at: 1_000 });
    expect(statSync(join(directory, 'requests')).mode & 0o077).toBe(0);
  });

  it('leave nothing behind when they are taken', () => {
    const [first, second] = [ask('halt', 1), ask('halt', 2)];
    const folder = new RequestsFolder(directory);
    folder.remove(first.id);
    expect(waiting()).toEqual([second]);
    folder.remove(second.id);
    folder.remove(second.id);
    expect(existsSync(join(directory, 'requests'))).toBe(false);
  });

  it('to resume are taken back by one that tightens; a later one to resume stands', () => {
    ask('resume', 1);
    const halt = ask('halt', 2);
    expect(waiting()).toEqual([halt]);
    ask('resume', 3);
    const resume = ask('resume', 4);
    expect(waiting()).toEqual([halt, resume]);
  });

  it.each([
    ['cut off', '{"command":"res'],
    ['of another form', '{"command":"resume","actor":"","reason":"x","at":1}'],
    ['of an unknown command', '{"command":"sell","actor":"ada","reason":"x","at":1}'],
    ['empty', ''],
  ])('that are %s are a halt: somebody wanted something', (_what, content) => {
    const { id } = ask('halt', 7);
    writeFileSync(join(directory, 'requests', `${id}.json`), content);
    expect(waiting()).toEqual([{ id, command: 'halt', actor: 'unknown', reason: expect.stringContaining(id), at: 7 }]);
  });

  it('half written are not there yet', () => {
    mkdirSync(join(directory, 'requests'));
    writeFileSync(join(directory, 'requests', '.x.json.123.tmp'), '{');
    writeFileSync(join(directory, 'requests', 'notes.txt'), 'x');
    expect(waiting()).toEqual([]);
  });

  it('in a folder that cannot be read are an error, never none', () => {
    writeFileSync(join(directory, 'requests'), '');
    expect(() => waiting()).toThrow();
  });
});
