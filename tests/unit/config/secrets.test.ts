import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createConfigController, describeConfig, loadConfig, resolveConfig } from '#config/index.js';
import { directoryWith, errorOf, loadEnv, loadYaml } from './support.js';

const CANARY = 'canary-5c77';

/** Everything that an error would show. */
const shownOf = (action: () => unknown) => {
  const { code, message, problems, fix, where } = errorOf(action);
  return { code, text: JSON.stringify([message, problems, fix, where]) };
};

describe('the key of a venue', () => {
  it('may be named as a file, from the working directory, or as a command', () => {
    const cwd = directoryWith({
      'bot.yaml':
        'profile: demo\nvenue:\n  apiKey: { file: keys/one }\n  apiSecret: { command: [pass, -c, -c, venue] }\n',
    });
    const { venue } = loadConfig({ file: 'bot.yaml', env: {}, cwd }).config;
    expect(venue.apiKey).toEqual({ file: join(cwd, 'keys/one') });
    expect(venue.apiSecret).toEqual({ command: ['pass', '-c', '-c', 'venue'] });
  });

  it.each([
    ['in a file', () => loadYaml(`profile: demo\nvenue:\n  apiKey: ${CANARY}\n`)],
    ['in a list', () => loadYaml(`profile: demo\nvenue:\n  apiSecret: [${CANARY}]\n`)],
    ['as what it is', () => loadYaml(`profile: demo\nvenue:\n  apiKey: { text: ${CANARY} }\n`)],
    ['in a flag', () => loadYaml('profile: demo\n', { overrides: { venue: { apiSecret: CANARY } } })],
    ['in a variable of the configuration', () => loadEnv({ PERPSBOT__VENUE__API_KEY: CANARY })],
    ['in a variable that is misspelt', () => loadEnv({ PERPSBOT_VENUE_API_KEYS: CANARY })],
    ['in a variable with the path of a setting', () => loadEnv({ PERPSBOT_VENUE__API_KEY: CANARY })],
    ['in an object', () => resolveConfig({ profile: 'demo', venue: { apiKey: CANARY } })],
  ])('is refused as plain text %s, and not repeated', (_, action) => {
    const { code, text } = shownOf(action);
    expect(code).toMatch(/CFG-00[12]/);
    expect(text).not.toContain(CANARY);
  });

  it('is told how it is given instead', () => {
    expect(errorOf(() => loadYaml(`profile: demo\nvenue:\n  apiKey: ${CANARY}\n`))).toMatchObject({
      code: 'CFG-002',
      message: 'bot.yaml:3:3: venue.apiKey must say where the secret is read, and not what it is.',
      fix: expect.stringContaining('PERPSBOT_VENUE_API_KEY_FILE'),
    });
    expect(errorOf(() => loadEnv({ PERPSBOT_VENUE_API_KEYS: CANARY })).fix).toBe(
      'Did you mean PERPSBOT_VENUE_API_KEY?',
    );
  });

  it('is not read with the configuration, and stands nowhere in it', () => {
    const env = { PERPSBOT_VENUE_API_KEY: CANARY, PERPSBOT_VENUE_API_SECRET_FILE: '/nowhere' };
    const loaded = loadEnv(env);
    const controller = createConfigController(loaded, { profile: 'demo', env: () => env, cwd: '/' });
    expect(loaded.warnings).toEqual([]);
    const held = JSON.stringify([loaded.config, describeConfig(loaded), controller]);
    expect(held.includes(CANARY)).toBe(false);
  });

  it('stays what it is while the bot runs', () => {
    const cwd = directoryWith({ 'bot.yaml': 'profile: demo\nvenue: { apiKey: { file: a } }\n' });
    const sources = { file: 'bot.yaml', env: {}, cwd };
    const controller = createConfigController(loadConfig(sources), sources);
    writeFileSync(join(cwd, 'bot.yaml'), 'profile: demo\nvenue: { apiKey: { file: b } }\n');
    expect(errorOf(() => controller.refreshIfChanged())).toMatchObject({ code: 'CFG-006' });
    writeFileSync(join(cwd, 'bot.yaml'), 'profile: demo\nvenue: { apiKey: { file: a }, maxLag: 4s }\n');
    expect(Object.keys(controller.refreshIfChanged()?.diff ?? {})).toEqual(['venue.maxLagMs']);
  });
});

describe('file and command', () => {
  it('answer one question: the later layer is heard, and two of one layer are refused', () => {
    const yaml = 'profile: demo\nvenue:\n  apiKey: { command: [pass] }\n';
    const env = { PERPSBOT__VENUE__API_KEY__FILE: '/a/key' };
    expect(loadYaml(yaml, { env }).config.venue.apiKey).toEqual({ file: '/a/key' });
    expect(errorOf(() => loadYaml('profile: demo\nvenue:\n  apiKey: { file: /a, command: [pass] }\n'))).toMatchObject({
      code: 'CFG-006',
      message: expect.stringContaining('venue.apiKey must name a file or a command, not both'),
    });
  });
});

describe('a command is run', () => {
  const yaml = 'profile: demo\nvenue:\n  apiKey: { command: [pass] }\n';

  it.each([0o620, 0o602, 0o666])('never from a file that others may write (mode %s)', (mode) => {
    const cwd = directoryWith({ 'bot.yaml': yaml });
    chmodSync(join(cwd, 'bot.yaml'), mode);
    expect(errorOf(() => loadConfig({ file: 'bot.yaml', env: {}, cwd }))).toMatchObject({
      code: 'CFG-006',
      where: 'bot.yaml:3:13',
      fix: expect.stringContaining('chmod go-w bot.yaml'),
    });
    chmodSync(join(cwd, 'bot.yaml'), 0o644);
    expect(loadConfig({ file: 'bot.yaml', env: {}, cwd }).config.venue.apiKey).toEqual({ command: ['pass'] });
  });

  it('never from a variable or a flag, and as a host passes it', () => {
    const refused = { code: 'CFG-006', message: expect.stringContaining('must stand in a configuration file') };
    expect(errorOf(() => loadEnv({ PERPSBOT__VENUE__API_KEY__COMMAND: 'pass' }))).toMatchObject(refused);
    const overrides = { venue: { apiSecret: { command: ['pass'] } } };
    expect(errorOf(() => loadYaml('profile: demo\n', { overrides }))).toMatchObject(refused);
    expect(resolveConfig({ profile: 'demo', ...overrides }).venue.apiSecret).toEqual({ command: ['pass'] });
  });
});
