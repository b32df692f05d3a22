import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import { statePlaceOf, type LoadOptions } from '#config/index.js';
import { directoryWith, errorOf } from './support.js';

const cwd = directoryWith({
  'bad-limits.yaml':
    'profile: prod\nrisk: { maxLeverage: lots, nonsense: 1 }\nunheardOf: 1\nstorage: { directory: own }\n',
  'bad-strategy.yaml': 'profile: demo\nstrategy: { name: unheard-of, shortMa: x, longMa: { a: 1 } }\n',
  'broken.yaml': 'profile: demo\nstorage: { directory: own\n',
  'misspelt.yaml': 'profile: demo\nstorge: { directory: own }\n',
  'misspelt-within.yaml': 'profile: demo\nstorage: { directry: own }\n',
  'no-directory.yaml': 'profile: demo\nstorage: { directory: [a] }\n',
});
const placeOf = (options: Partial<LoadOptions>): string | undefined =>
  statePlaceOf({ env: {}, cwd, ...options }).directory;
const demo = join(cwd, 'var/data/perps_bot/demo');

describe('where a bot keeps its state', () => {
  it.each<[string, Partial<LoadOptions>, string]>([
    ['limits are missing', { profile: 'prod' }, join(cwd, 'var/data/perps_bot/prod')],
    ['limits are wrong and keys unknown', { file: 'bad-limits.yaml' }, join(cwd, 'own')],
    ['the strategy is unknown', { file: 'bad-strategy.yaml' }, demo],
    [
      'the spot profile has no interlock',
      { profile: 'spot', overrides: { world: 'live' } },
      join(cwd, 'var/data/perps_bot/spot'),
    ],
    ['the file of the limits is missing', { profile: 'demo', env: { RISK_CONFIG_PATH: 'none.yaml' } }, demo],
    ['a variable is unknown', { profile: 'demo', env: { PERPSBOT__RISK__NO_SUCH: '1' } }, demo],
    ['a value is no number', { profile: 'demo', env: { PERPSBOT__RISK__MAX_LEVERAGE: 'x' } }, demo],
    ['the directory is a variable', { profile: 'prod', env: { PERPSBOT__STORAGE__DIRECTORY: '/s' } }, '/s'],
    ['the directory is a flag', { profile: 'prod', overrides: { storage: { directory: '/t' } } }, '/t'],
    [
      'the directory is a flag beside a broken file',
      { file: 'broken.yaml', overrides: { storage: { directory: 't' } } },
      join(cwd, 't'),
    ],
  ])('is told when %s', (_what, options, directory) => {
    expect(placeOf(options)).toBe(directory);
  });

  it.each<[string, Partial<LoadOptions>]>([
    ['no line of the file can be read', { file: 'broken.yaml' }],
    ['the file is missing', { file: 'none.yaml' }],
    ['its section is misspelt', { file: 'misspelt.yaml' }],
    ['its key is misspelt', { file: 'misspelt-within.yaml' }],
    ['it is no path', { file: 'no-directory.yaml' }],
    ['its variable is misspelt', { profile: 'demo', env: { PERPSBOT__STORAGE__DIR: '/s' } }],
    ['two variables differ', { profile: 'demo', env: { PERPSBOT__STORAGE__DIRECTORY: '/s', EVENT_STORE_ROOT: '/t' } }],
    ['the profile is unknown', { profile: 'production' }],
  ])('is not guessed when %s: another bot would be reached', (_what, options) => {
    expect(errorOf(() => placeOf(options))).toMatchObject({
      code: expect.stringMatching(/^CFG-/),
      message: expect.stringContaining('does not tell where the bot keeps its state'),
      fix: expect.stringContaining('--state DIR'),
    });
  });
});
