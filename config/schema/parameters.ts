import { fault } from '../../src/domain/errors.js';
import type { BotConfig } from '../../src/ports/configuration/settings/bot-config.js';
import { parameterGrammar } from './grammar.js';
import { resolveConfig } from '../load/resolve.js';
import { isPoisoned, UntypedText } from './tree.js';

/**
 * A resolved configuration with settings of its strategy as `--param` gives them: what loading it anew with them would
 * have made, without reading anything. Throws CFG-* for values that cannot hold together.
 */
export function withParameters(config: BotConfig, parameters: Readonly<Record<string, string>>): BotConfig {
  const params: Record<string, string | number | boolean> = { ...config.strategy.params };
  for (const [key, text] of Object.entries(parameters)) {
    if (isPoisoned(key)) throw fault('CFG-001', `Key "strategy.params.${key}" is not allowed.`, { fix: 'Remove it.' });
    params[key] = parameterGrammar.parse(new UntypedText(text)) ?? text;
  }
  return resolveConfig({ ...config, strategy: { ...config.strategy, params } });
}
