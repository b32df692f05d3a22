import 'reflect-metadata';
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NodeHostClock } from '#src/platform/time/node-host-clock.js';
import { HostTimers } from '#src/platform/time/host-timers.js';
import { ConfiguredVenueCredentials } from '#src/platform/secrets/configured-venue-credentials.js';
import { secretFromCommand } from '#src/platform/secrets/secret-command.js';
import { readSecretFile } from '#src/platform/secrets/secret-file.js';
import { SecretRedactor } from '#src/platform/secret-redactor.js';
import { Secret } from '#src/ports/configuration/secret.js';
import type { VenueSettings } from '#src/ports/configuration/settings/venue-settings.js';
import { VENUE_SECRETS } from '#src/ports/configuration/venue-credentials.js';
import { FakeConfigController, testConfig } from '../../../support/config.js';

const KEY = 'canary-key-8f31';
const SECRET = 'canary-secret-5c77';
const timers = new HostTimers(new NodeHostClock());
const variables = Object.values(VENUE_SECRETS).flatMap((name) => [name, `${name}_FILE`]);
let root: string;

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'perps-secrets-'));
  for (const name of variables) Reflect.deleteProperty(process.env, name);
});
afterEach(() => {
  rmSync(root, { recursive: true, force: true });
  for (const name of variables) Reflect.deleteProperty(process.env, name);
});

function file(name: string, content: string, mode = 0o600): string {
  const path = join(root, name);
  writeFileSync(path, content);
  chmodSync(path, mode);
  return path;
}

function credentials(venue: Partial<VenueSettings> = {}) {
  const config = testConfig({ venue: { environment: 'testnet', maxLagMs: 5_000, ...venue } });
  const redactor = new SecretRedactor();
  return { redactor, keys: new ConfiguredVenueCredentials(new FakeConfigController(config), redactor, timers) };
}

/** Settles once there is no such process; a test that waits in vain is ended by its own limit. */
async function gone(pid: number): Promise<void> {
  for (;;) {
    try {
      process.kill(pid, 0);
    } catch {
      return;
    }
    await timers.sleep(20);
  }
}

const node = (code: string): readonly string[] => [process.execPath, '-e', code];

describe('a secret', () => {
  it('says what it is to whoever asks for it, and nothing to anybody else', () => {
    const secret = new Secret(SECRET);
    const shown = [
      String(secret),
      secret.toString(),
      JSON.stringify({ secret }),
      inspect({ secret }, { depth: 9, showHidden: true }),
      inspect(new Map([[1, secret]])),
      JSON.stringify(Object.entries(secret)),
      JSON.stringify(structuredClone(Object.assign({}, secret))),
      JSON.stringify(new SecretRedactor().plain({ secret, list: [secret] })),
    ];
    expect(shown.join('\n')).not.toContain(SECRET);
    expect(shown[0]).toBe('[secret]');
    expect(secret.reveal()).toBe(SECRET);
  });
});

describe('the key of a venue', () => {
  it('comes from variables, and from the files that variables name before those of the configuration', async () => {
    process.env['PERPSBOT_VENUE_API_KEY'] = KEY;
    process.env['PERPSBOT_VENUE_API_SECRET_FILE'] = file('secret', `${SECRET}\n`);
    const { keys, redactor } = credentials({ apiSecret: { file: file('other', 'another-secret') } });
    const key = await keys.read('testnet');
    expect([key.apiKey.reveal(), key.apiSecret.reveal()]).toEqual([KEY, SECRET]);
    expect(redactor.text(`${KEY} ${SECRET}`)).toBe('[redacted] [redacted]');
  });

  it('comes from a file or a command that the configuration names, without the line end', async () => {
    const { keys } = credentials({
      apiKey: { file: file('key', `  ${KEY}\r\n`) },
      apiSecret: { command: node(`console.log(process.argv[1] + ' ')`).concat(SECRET) },
    });
    const key = await keys.read('testnet');
    expect([key.apiKey.reveal(), key.apiSecret.reveal()]).toEqual([KEY, SECRET]);
  });

  it('is read once, and again after it could not be read', async () => {
    const path = join(root, 'key');
    process.env['PERPSBOT_VENUE_API_SECRET'] = SECRET;
    const { keys } = credentials({ apiKey: { file: path } });
    await expect(keys.read('testnet')).rejects.toMatchObject({ code: 'CFG-009', where: 'venue.apiKey.file' });
    file('key', KEY);
    const key = await keys.read('testnet');
    rmSync(path);
    expect(await keys.read('testnet')).toBe(key);
  });

  it('never goes to another environment, and is not even read for it', async () => {
    const marker = join(root, 'was-run');
    const touch = node(`require('fs').writeFileSync(${JSON.stringify(marker)}, ''); console.log('some-key')`);
    const { keys } = credentials({ environment: 'live', apiKey: { command: touch }, apiSecret: { command: touch } });
    await expect(keys.read('testnet')).rejects.toMatchObject({ code: 'CFG-006', where: 'venue.environment' });
    expect(existsSync(marker)).toBe(false);
    expect((await keys.read('live')).apiKey.reveal()).toBe('some-key');
    expect(existsSync(marker)).toBe(true);
  });

  it('names everything that is missing, not the first alone (CF-04)', async () => {
    const error = await credentials()
      .keys.read('testnet')
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      code: 'CFG-009',
      exitCode: 78,
      problems: [
        { code: 'CFG-009', where: 'venue.apiKey', fix: expect.stringContaining('PERPSBOT_VENUE_API_KEY_FILE') },
        { code: 'CFG-009', where: 'venue.apiSecret', fix: expect.stringContaining('PERPSBOT_VENUE_API_SECRET') },
      ],
    });
  });

  it.each([
    ['empty', ''],
    ['blank', ' \n'],
    ['too short to be kept out of a log', 'abc'],
    ['two words', `${KEY} ${SECRET}`],
    ['two lines', `${KEY}\n${SECRET}`],
    ['not text', `${KEY}\u0000\uFFFD`],
  ])('is refused when it is %s, and not repeated', async (_, text) => {
    process.env['PERPSBOT_VENUE_API_SECRET'] = SECRET;
    const { keys } = credentials({ apiKey: { file: file('key', text) } });
    const error = await keys.read('testnet').catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CFG-009', where: 'venue.apiKey.file', problems: [] });
    expect(inspect(error)).not.toContain('canary');
  });

  it('may be in PEM form, and no line of it is shown', async () => {
    const body = 'MC4CAQAwBQYDK2VwBCIEIDh1UkIYbpuCy2Cf';
    const pem = `-----BEGIN PRIVATE KEY-----\n${body}\n-----END PRIVATE KEY-----\n`;
    process.env['PERPSBOT_VENUE_API_KEY'] = KEY;
    const { keys, redactor } = credentials({ apiSecret: { file: file('pem', pem) } });
    expect((await keys.read('testnet')).apiSecret.reveal()).toBe(pem.trim());
    expect(redactor.text(`line ${body}`)).not.toContain(body);
  });

  it('is not taken from a variable and the file of another at once', async () => {
    process.env['PERPSBOT_VENUE_API_KEY'] = KEY;
    process.env['PERPSBOT_VENUE_API_KEY_FILE'] = file('key', KEY);
    process.env['PERPSBOT_VENUE_API_SECRET'] = SECRET;
    await expect(credentials().keys.read('testnet')).rejects.toMatchObject({ code: 'CFG-006' });
  });
});

describe('a file of a secret', () => {
  const terms = { name: 'venue.apiKey', where: 'here' };

  it.each([0o640, 0o604, 0o620, 0o602])('with mode %s is open to others, and is refused', async (mode) => {
    await expect(readSecretFile(file('key', KEY, mode), terms)).rejects.toMatchObject({
      code: 'CFG-009',
      where: 'here',
      fix: expect.stringContaining('chmod 600'),
    });
  });

  it('that is mounted among secrets may be read by all of its container, unless it can be written', async () => {
    const path = file('key', KEY, 0o444);
    const link = join(root, '..key');
    symlinkSync(path, link);
    const mounted = { ...terms, mounts: ['/run/secrets', root] };
    // The superuser writes whatever is not mounted read-only.
    const taken = process.getuid?.() !== 0;
    for (const name of [path, link])
      await (taken
        ? expect(readSecretFile(name, mounted)).resolves.toBe(KEY)
        : expect(readSecretFile(name, mounted)).rejects.toMatchObject({ code: 'CFG-009' }));
    chmodSync(path, 0o644);
    await expect(readSecretFile(path, mounted)).rejects.toMatchObject({ code: 'CFG-009' });
  });

  it('must be there, a file, and no larger than a key', async () => {
    const refused = { code: 'CFG-009', where: 'here' };
    await expect(readSecretFile(join(root, 'none'), terms)).rejects.toMatchObject(refused);
    await expect(readSecretFile(root, terms)).rejects.toMatchObject(refused);
    await expect(readSecretFile('/dev/null', terms)).rejects.toMatchObject(refused);
    await expect(readSecretFile(file('large', 'x'.repeat(65_537)), terms)).rejects.toMatchObject(refused);
  });
});

describe('a command that prints a secret', () => {
  const terms = { name: 'venue.apiKey', where: 'here', env: process.env, scheduler: timers };

  it('is given its arguments as they are, by no shell', async () => {
    const said = await secretFromCommand(
      [...node('console.log(JSON.stringify(process.argv.slice(1)))'), '$HOME', ';'],
      terms,
    );
    expect(JSON.parse(said)).toEqual(['$HOME', ';']);
  });

  it.each([
    ['ends with 3', node(`console.log('${SECRET}'); console.error('${SECRET}'); process.exit(3)`)],
    ['was ended by SIGTERM', node(`console.log('${SECRET}'); process.kill(process.pid, 'SIGTERM')`)],
    ['could not be started', ['/nowhere/at/all', SECRET]],
    ['could not be started', [process.execPath, `${SECRET}\0`]],
    ['printed more than a secret', node(`console.log('${SECRET}'.repeat(9999))`)],
  ])('%s: refused, and neither what it was told nor what it said is repeated', async (how, argv) => {
    const error = await secretFromCommand(argv, terms).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'CFG-009', where: 'here' });
    expect(String(error)).toMatch(how.replace('ends', 'ended'));
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(SECRET);
    expect(timers.pending).toBe(0);
  });

  it('that hangs is killed with what it started', async () => {
    const marker = join(root, 'pid');
    const forever = `setInterval(()=>{},1e6)`;
    const code = `const c=require('child_process').spawn(process.execPath,['-e',${JSON.stringify(forever)}],{stdio:'inherit'});
      require('fs').writeFileSync(${JSON.stringify(marker)}, String(c.pid)); ${forever}`;
    const asked = secretFromCommand(node(code), { ...terms, limitMs: 1_500 });
    await expect(asked).rejects.toMatchObject({ code: 'CFG-009', message: expect.stringContaining('within 1.5 s') });
    await gone(Number(readFileSync(marker, 'utf8')));
  });

  it('does not see the secrets that are given another way', async () => {
    process.env['PERPSBOT_VENUE_API_KEY'] = KEY;
    const { keys } = credentials({
      apiSecret: {
        command: node(
          'console.log(JSON.stringify(Object.keys(process.env).filter((n) => /API_(KEY|SECRET)/.test(n))).padEnd(9,"-"))',
        ),
      },
    });
    expect((await keys.read('testnet')).apiSecret.reveal()).toBe('[]-------');
  });
});
