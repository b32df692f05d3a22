import { describe, expect, it } from '@jest/globals';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { z } from 'zod';
import { configJsonSchema, createConfigController, describeConfig, loadConfig } from '#config/index.js';
import { flag, money, section } from '#config/schema/fields.js';
import { configSchema } from '#config/schema/index.js';
import { nodeOf } from '#config/schema/introspect.js';
import { limit, limitOf, placesOf } from '#config/schema/limit-meta.js';
import { riskSchema } from '#config/schema/risk.js';
import { directoryWith, errorOf, LIVE_LIMITS } from './support.js';

/** The fields of a section, as they were given to it. */
const shapeOf = (schema: z.ZodType): Record<string, z.ZodType> => {
  const node = nodeOf(schema);
  const shape = node.kind === 'section' ? Object.entries(node.shape) : [];
  return Object.fromEntries(shape.map(([key, child]) => [key, (child as z.ZodOptional<z.ZodType>).unwrap()]));
};

/** The product's grammar with limits that no other line of the product knows. */
const withLimits = (limits: Record<string, z.ZodType>): z.ZodType =>
  section({
    ...shapeOf(configSchema),
    risk: limit(section({ ...shapeOf(riskSchema), ...limits }, 'Limits.'), { tighter: 'fixed' }),
  });

const maxFriday = limit(money('Largest sum of positions on a Friday.'), { tighter: 'lower', required: '250 USDT' });
const schema = withLimits({ maxFriday });

const load = (yaml: string, more: Partial<Parameters<typeof loadConfig>[0]> = {}) =>
  loadConfig({ file: 'bot.yaml', env: {}, cwd: directoryWith({ 'bot.yaml': yaml }), schema, ...more });
const value = (loaded: ReturnType<typeof load>): string =>
  String((loaded.config.risk as unknown as Record<string, unknown>)['maxFriday']);

describe('a limit that is added to the schema alone', () => {
  it('is read from a file, a variable and a flag, the later winning, and the winner is told', () => {
    const yaml = 'profile: demo\nrisk:\n  maxFriday: 900 USDT\n';
    const env = { PERPSBOT__RISK__MAX_FRIDAY: '800 USDT' };
    const overrides = { risk: { maxFriday: '700 USDT' } };

    expect([load(yaml), load(yaml, { env }), load(yaml, { env, overrides })].map(value)).toEqual(['900', '800', '700']);
    expect(describeConfig(load(yaml, { env }), { origin: true })).toContainEqual(
      expect.objectContaining({ path: 'risk.maxFriday', value: '800 USDT', origin: 'env:PERPSBOT__RISK__MAX_FRIDAY' }),
    );
    expect(errorOf(() => load('profile: demo\nrisk:\n  maxFridy: 900 USDT\n')).fix).toContain('"maxFriday"');
    expect(errorOf(() => load('profile: demo\nrisk:\n  maxFriday: many\n')).code).toBe('CFG-002');
  });

  it('must be stated to trade live', () => {
    const error = errorOf(() => load(`profile: prod\n${LIVE_LIMITS}`));

    expect(error.message).toContain('missing: risk.maxFriday.');
    expect(error.fix).toContain('risk:\n  maxFriday: 250 USDT');
    expect(value(load(`profile: prod\n${LIVE_LIMITS}  maxFriday: 250 USDT\n`))).toBe('250');
  });

  it('may be tightened while a bot runs, and not loosened or taken away', () => {
    const yaml = (limits: string): string => `profile: demo\nrisk: { maxLeverage: 2${limits} }\n`;
    const cwd = directoryWith({ 'bot.yaml': yaml(', maxFriday: 900 USDT') });
    const sources = { file: 'bot.yaml', cwd, env: {}, schema };
    const controller = createConfigController(loadConfig(sources), sources);
    const refresh = (limits: string) => {
      writeFileSync(join(cwd, 'bot.yaml'), yaml(limits));
      return controller.refreshIfChanged();
    };

    expect(refresh(', maxFriday: 800 USDT')?.diff['risk.maxFriday']).toBeDefined();
    expect(errorOf(() => refresh(', maxFriday: 1000 USDT')).message).toContain('risk.maxFriday must not be loosened');
    expect(errorOf(() => refresh('')).message).toContain('risk.maxFriday must not be loosened');
  });

  it('is documented: what it is, which way it tightens, that live trading requires it', () => {
    const { properties } = configJsonSchema(schema) as {
      readonly properties: { readonly risk: { readonly properties: Record<string, unknown> } };
    };

    expect(properties.risk.properties['maxFriday']).toMatchObject({
      description:
        'Largest sum of positions on a Friday. Required in the live world. While a bot runs it may only become lower.',
      'x-tighter': 'lower',
      'x-required-live': '250 USDT',
    });
  });

  it('is held in the canary profile as it says, however deep it stands', () => {
    const friday = section({
      only: limit(flag('Trade on Fridays alone?'), { tighter: 'on', canary: { is: true } }),
      most: limit(money('Largest position.'), { tighter: 'lower', canary: { atMost: 40 }, required: '30 USD' }),
    });
    const deep = withLimits({ friday });
    const read = (yaml: string) => load(`profile: canary\nrisk:\n  friday:\n${yaml}`, { schema: deep });
    const { config, warnings } = read('    only: false\n    most: 50 USD\n');

    expect(JSON.parse(JSON.stringify(config.risk))).toMatchObject({ friday: { only: true, most: '40' } });
    expect(warnings).toHaveLength(2);
    const { message, fix } = errorOf(() => read('    only: true\n'));
    expect(message).toContain('missing: risk.friday.most.');
    expect(fix).toContain('risk:\n  friday:\n    most: 30 USD');
  });
});

describe('the limits of the product', () => {
  it('each say beside their field which way they tighten', () => {
    const silent = (section: z.ZodType, path: string): string[] =>
      [...placesOf(section)].flatMap(({ key, schema: child }) => {
        if (limitOf(child) !== undefined) return [];
        return nodeOf(child).kind === 'section' ? silent(child, `${path}.${key}`) : [`${path}.${key}`];
      });

    expect(silent(riskSchema, 'risk')).toEqual([]);
  });
});
