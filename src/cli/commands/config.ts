import type { Json } from '../../ports/storage/event-store.js';
import { configOf, type CommandSpec } from '../command.js';

const check: CommandSpec = {
  name: 'config check',
  summary: 'Check the configuration: every problem at once, with its place.',
  example: 'config check --config bot.yaml --profile canary',
  kind: 'config.check',
  flags: [],
  async run({ host, flags }) {
    const { chosenBot } = await import('../chosen-bot.js');
    const bot = await chosenBot(host, flags);
    const { config, warnings } = host.loadConfig(bot.config);
    host.assertStrategy(bot.config, bot.strategies);
    await host.assertFiles(bot.config);
    const { profile, world, symbols } = config;
    return {
      kind: 'config.check',
      data: { valid: true, profile, world, symbols, strategy: config.strategy.name },
      warnings: warnings.map((message) => ({ code: 'W-CFG-001', message })),
      text: `Valid: profile ${profile}, ${world} world, ${symbols.join(', ')}, strategy ${config.strategy.name}.`,
    };
  },
};

const show: CommandSpec = {
  name: 'config show',
  summary: 'Show every resolved value and where it came from.',
  example: 'config show --profile demo',
  kind: 'config.show',
  flags: [],
  async run({ host, flags }) {
    const { origins, warnings } = host.loadConfig({ ...configOf(flags), fallbackProfile: 'demo' });
    const { table } = await import('../text/table.js');
    const text = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value));
    return {
      kind: 'config.show',
      data: {
        values: origins.map(({ path, value, origin, where }) => ({ path, value, origin, where: where ?? null })),
      },
      warnings: warnings.map((message) => ({ code: 'W-CFG-001', message })),
      text: table(
        ['key', 'value', 'from'],
        origins.map(({ path, value, origin, where }) => [
          path,
          text(value),
          where === undefined ? origin : `${origin} ${where}`,
        ]),
      ),
    };
  },
};

const schema: CommandSpec = {
  name: 'config schema',
  summary: 'Print the JSON Schema of configuration files, for editors.',
  example: 'config schema > perpsbot.schema.json',
  kind: 'config.schema',
  flags: [],
  async run({ host }) {
    const data = host.configSchema();
    return { kind: 'config.schema', data, text: JSON.stringify(data, null, 2) };
  },
};

export const config: readonly CommandSpec[] = [check, show, schema];
