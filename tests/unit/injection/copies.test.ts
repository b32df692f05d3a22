import { ContainerModule } from 'inversify';
import { describe, expect, it } from '@jest/globals';
import { createBot, token, type BotContainer, type Logger, type Token } from 'perpsbot';

describe('another copy of the package', () => {
  const bot = (overrides: (container: BotContainer) => unknown) =>
    createBot({ config: { profile: 'dev', storage: { driver: 'memory' } }, overrides: (open) => void overrides(open) });
  const foreign = Symbol('perps-bot/Logger') as unknown as Token<Logger>;
  const refused = expect.objectContaining({ code: 'PKG-003', fix: expect.stringContaining('npm ls perpsbot') });

  it.each<[string, (container: BotContainer) => unknown]>([
    ['bound', (container) => container.bind(foreign)],
    ['rebound', (container) => container.rebind(foreign)],
    ['unbound', (container) => container.unbind(foreign)],
    ['given an activation', (container) => container.onActivation(foreign, (_, logger) => logger)],
    ['bound by a module', (container) => container.load(new ContainerModule(({ bind }) => void bind(foreign)))],
  ])('has tokens that are refused when they are %s', (_, overrides) => {
    expect(() => bot(overrides)).toThrow(refused);
  });

  it('is not what makes tokens of a host', () => {
    const own = token<number>('MyNumber');
    const overrides = (container: BotContainer) => container.bind(own).toConstantValue(1);
    expect(() => bot(overrides)).not.toThrow();
  });
});
