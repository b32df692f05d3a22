import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { getuid } from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { assertTrusted, folderOf, LONGEST_PATH, placeOf } from '#src/operator/control/place.js';

const UID = getuid?.() ?? 0;
const SOMEBODY_ELSE = UID + 1;
let root: string;
beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'pb-')));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function made(name: string, mode = 0o700): string {
  const path = join(root, name);
  mkdirSync(path, { recursive: true });
  chmodSync(path, mode);
  return path;
}

const long = (): string => made(join('state', 'x'.repeat(LONGEST_PATH)));
const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('the place of the control door', () => {
  it('is in the state directory, which is closed to others', () => {
    const state = made('state', 0o755);
    expect(placeOf(folderOf(state), { uid: UID })).toBe(join(state, 'control.sock'));
    expect(modeOf(state)).toBe(0o700);
  });

  it('is a short name of the inode in the runtime folder where the path is too long, another one for each directory', () => {
    const runtime = made('run');
    const [first, second] = [long(), made(join('other', 'x'.repeat(LONGEST_PATH)))];
    const places = [first, second].map((state) => placeOf(folderOf(state), { uid: UID, runtime }));
    expect(new Set(places).size).toBe(2);
    for (const place of places) {
      expect(place.startsWith(join(runtime, 'perpsbot-'))).toBe(true);
      expect(Buffer.byteLength(place)).toBeLessThanOrEqual(LONGEST_PATH);
    }
  });

  it.each([
    ['in it up to 100 bytes', 100, 'x', true],
    ['elsewhere beyond them', 101, 'x', false],
    ['in it up to 100 bytes, which are fewer letters', 100, 'ä', true],
    ['elsewhere beyond them, however few letters', 102, 'ä', false],
  ])('is %s: every kernel takes that many', (_where, bytes, letter, isInside) => {
    const left = bytes - Buffer.byteLength(join(root, 'control.sock')) - 1;
    const wide = Buffer.byteLength(letter);
    const state = made(`${'y'.repeat(left % wide)}${letter.repeat(Math.floor(left / wide))}`);
    expect(Buffer.byteLength(join(state, 'control.sock'))).toBe(bytes);
    expect(placeOf(folderOf(state), { uid: UID, runtime: made('run') }).startsWith(state)).toBe(isInside);
  });

  it('is the same through a link, and names the directory itself', () => {
    const state = made('state');
    symlinkSync(state, join(root, 'link'));
    expect(folderOf(join(root, 'link'))).toEqual(folderOf(state));
  });

  it.each([
    ['open to others', (runtime: string): void => chmodSync(runtime, 0o755)],
    [
      'no directory',
      (runtime: string): void => {
        rmSync(runtime, { recursive: true });
        writeFileSync(runtime, '');
      },
    ],
    [
      'a link to somewhere else',
      (runtime: string): void => {
        rmSync(runtime, { recursive: true });
        symlinkSync(made('elsewhere'), runtime);
      },
    ],
  ])('is not in a runtime folder that is %s', (_what, spoil) => {
    const runtime = made('run');
    spoil(runtime);
    expect(placeOf(folderOf(long()), { uid: UID, runtime }).startsWith(runtime)).toBe(false);
  });

  it("is refused, not shared, where every folder is somebody else's", () => {
    const owner = { uid: SOMEBODY_ELSE, runtime: made('run') };
    mkdirSync(join(tmpdir(), `perpsbot-${SOMEBODY_ELSE}`), { recursive: true });
    try {
      expect(() => placeOf(folderOf(made('state')), owner)).toThrow(
        expect.objectContaining({ code: 'STORE-003', message: expect.stringContaining(`belongs to user ${UID}`) }),
      );
    } finally {
      rmSync(join(tmpdir(), `perpsbot-${SOMEBODY_ELSE}`), { recursive: true });
    }
  });

  it('names a directory that is not there', () => {
    expect(() => folderOf(join(root, 'none'))).toThrow(expect.objectContaining({ code: 'STORE-003' }));
  });
});

describe('a door that is found', () => {
  let server: Server;
  const socket = (): string => join(root, 'control.sock');
  const description = (): string => join(root, 'control.json');
  beforeEach(async () => {
    writeFileSync(description(), '{}');
    server = createServer();
    await new Promise<void>((listening) => server.listen(socket(), listening));
    chmodSync(socket(), 0o600);
  });
  afterEach(() => new Promise<void>((closed) => void server.close(() => closed())));

  it('is trusted when its owner wrote its description and nobody else may use it', () => {
    expect(() => assertTrusted(socket(), description())).not.toThrow();
  });

  it.each([0o666, 0o660, 0o606])('is not when its mode is %o', (mode) => {
    chmodSync(socket(), mode);
    expect(() => assertTrusted(socket(), description())).toThrow('is open to others');
  });

  it('is not when it is something else, or its path is too long', () => {
    expect(() => assertTrusted(description(), description())).toThrow('it is no socket');
    expect(() => assertTrusted(join(root, 'x'.repeat(LONGEST_PATH)), description())).toThrow('its path is too long');
  });
});
