import { describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { Decimal } from '#src/domain/decimal.js';
import type { Layer } from '#config/load/layer.js';
import { Problems } from '#config/load/problems.js';
import { readPreset, writtenPreset } from '#config/load/read-presets.js';
import { readSource } from '#config/load/sources.js';
import { parseFile } from '#config/load/yaml-file.js';
import { CATALOGUE } from '#config/schema/catalogue.js';
import { configJsonSchema, loadObject, PROFILES, resolveConfig } from '#config/index.js';
import { testConfig } from '../../support/config.js';
import { instrumentSpec } from '#src/testing/instruments.js';
import { errorOf } from './support.js';

describe('resolveConfig', () => {
  it('completes a partial object in the grammar of the files', () => {
    const config = resolveConfig({
      profile: 'demo',
      symbols: ['eth-perp'],
      risk: { maxPositionSize: '500 USDT' },
      storage: { driver: 'memory' },
    });

    expect(config).toMatchObject({ profile: 'demo', symbols: ['ETH-PERP'], storage: { driver: 'memory' } });
    expect(config.risk.maxPositionSize.toString()).toBe('500');
  });

  it('takes decimals and instruments as the domain has them', () => {
    const config = resolveConfig({
      profile: 'demo',
      symbols: ['X-PERP'],
      risk: { maxPositionSize: new Decimal('500') },
      instruments: { 'X-PERP': instrumentSpec({ symbol: 'X-PERP' }) },
    });

    expect(config.risk.maxPositionSize.toString()).toBe('500');
    expect(config.instruments['X-PERP']).toEqual(instrumentSpec({ symbol: 'X-PERP' }));
  });

  it('does not read the environment of its host', () => {
    process.env['RISK_MAX_LEVERAGE'] = 'nonsense';
    try {
      expect(resolveConfig({ profile: 'demo' }).risk.maxLeverage.toString()).toBe('3');
    } finally {
      delete process.env['RISK_MAX_LEVERAGE'];
    }
  });

  it('gives back a resolved configuration with equal values', () => {
    const config = testConfig();

    expect(resolveConfig(config)).toEqual(config);
    expect(resolveConfig(resolveConfig({ profile: 'spot' }))).toEqual(resolveConfig({ profile: 'spot' }));
  });

  it('checks a resolved configuration for contradictions', () => {
    const config = testConfig();

    expect(errorOf(() => resolveConfig({ ...config, strategy: { ...config.strategy, shortMa: 30 } })).code).toBe(
      'CFG-006',
    );
    expect(errorOf(() => resolveConfig({ ...config, symbols: ['NOPE'] })).code).toBe('CFG-007');
  });

  it('checks of the shipped products those that somebody says something of: the others pass every check', () => {
    const { instruments } = resolveConfig({ profile: 'demo' });
    expect(Object.keys(instruments)).toEqual(expect.arrayContaining(Object.keys(CATALOGUE)));
    // Nobody knows who said what of a resolved configuration: all of it is checked.
    expect(() => resolveConfig({ ...testConfig(), instruments })).not.toThrow();
    for (const symbol of Object.keys(CATALOGUE)) {
      const said = { profile: 'demo', instruments: { [symbol]: { maxLeverage: '100', maintenanceRate: '1%' } } };
      expect(errorOf(() => resolveConfig(said))).toMatchObject({
        code: 'CFG-006',
        message: expect.stringContaining(symbol),
      });
    }
  });

  it('refuses what the file would refuse', () => {
    expect(errorOf(() => resolveConfig({ risk: { maxDrawdown: 0.05 } })).message).toContain(
      'risk.maxDrawdown must be a percentage, was 0.05.',
    );
    expect(errorOf(() => resolveConfig({ riks: {} })).message).toContain('did you mean "risk"?');
    expect(errorOf(() => resolveConfig({ risk: { maxLeverage: Number.NaN } })).code).toBe('CFG-002');
    expect(errorOf(() => resolveConfig([])).code).toBe('CFG-002');
  });

  it('hands warnings to the host', () => {
    const seen: string[] = [];
    resolveConfig(
      { profile: 'demo', strategy: { params: { password: 'x' } } },
      { onWarning: (warning) => seen.push(warning) },
    );

    expect(seen).toEqual([expect.stringContaining('strategy.params.password looks like a secret')]);
    expect(loadObject({ profile: 'demo' }).origins.get('profile')).toBe('file');
  });
});

describe('the JSON schema', () => {
  const schema = configJsonSchema() as {
    properties: Record<string, { properties: Record<string, Record<string, unknown>> }>;
  };

  it('is draft 7 and refuses unknown keys at every level', () => {
    expect(configJsonSchema()).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      additionalProperties: false,
    });
    expect(schema.properties['risk']).toMatchObject({ type: 'object', additionalProperties: false });
  });

  it('tells editors how each value is written, what it means and what it is by default', () => {
    expect(schema.properties['risk']?.properties['maxDrawdown']).toMatchObject({
      type: 'string',
      pattern: expect.any(String),
      description: expect.stringContaining('highest equity'),
    });
    expect(schema.properties['execution']?.properties['timeInForce']).toMatchObject({
      enum: ['GTC', 'IOC', 'FOK'],
      default: 'GTC',
    });
    expect(schema.properties['risk']?.properties['killSwitch']).toMatchObject({ type: 'boolean', default: false });
  });

  it('is shipped beside the profiles as it is generated', () => {
    const shipped = JSON.parse(readFileSync('config/profiles/perpsbot.schema.json', 'utf8')) as unknown;

    expect(shipped).toEqual(JSON.parse(JSON.stringify(configJsonSchema())));
  });

  it('accepts every shipped profile, and not a misspelt one', () => {
    const validator = z.fromJSONSchema(configJsonSchema());

    for (const profile of PROFILES) {
      const content = parse(readFileSync(`config/profiles/${profile}.yaml`, 'utf8')) as object;
      expect(validator.safeParse(content).error?.issues).toBeUndefined();
      expect(validator.safeParse({ ...content, riks: {} }).success).toBe(false);
      expect(validator.safeParse({ ...content, dryRun: 'yes' }).success).toBe(false);
    }
  });

  it.each(PROFILES)('%s is shipped as it is read, so that no start reads its YAML', (profile) => {
    // `npm run --silent snippets` brings it up to date.
    const name = `config/profiles/${profile}.yaml`;
    const file = readSource(name, process.cwd());
    const problems = new Problems();
    const read = parseFile(file.text, name, 'profile', problems);
    expect(problems.all).toEqual([]);
    expect(readPreset(file)).toEqual(read);
    expect(JSON.stringify(writtenPreset(file.text, name, read))).toBe(
      JSON.stringify(writtenPreset(file.text, name, readPreset(file) as Layer)),
    );
    expect(readPreset({ ...file, text: `${file.text} ` })).toBeUndefined();
    expect(readPreset({ ...file, path: join('/nowhere', name) })).toBeUndefined();
  });

  it('is named by the first line of every shipped profile', () => {
    const profiles = readdirSync('config/profiles').filter((name) => name.endsWith('.yaml'));

    expect(profiles.sort()).toEqual(PROFILES.map((profile) => `${profile}.yaml`).sort());
    for (const name of profiles)
      expect(readFileSync(`config/profiles/${name}`, 'utf8')).toMatch(
        /^# yaml-language-server: \$schema=\.\/perpsbot\.schema\.json\n/,
      );
  });
});
