import type { Json } from '../../ports/storage/event-store.js';
import type { CommandSpec } from '../command.js';
import { usage } from '../flags.js';

const FORMATS = ['mermaid', 'dot', 'json'] as const;

export const graph: CommandSpec = {
  name: 'graph',
  summary: "The container's real graph: who needs whom, by phase.",
  example: 'graph --format mermaid',
  kind: 'graph',
  flags: [{ flags: '--format <name>', text: 'mermaid (default), dot or json' }],
  async run({ host, flags: common }, flags) {
    const asked = flags.text('format') ?? 'mermaid';
    const format = FORMATS.find((name) => name === asked);
    if (format === undefined)
      throw usage(`--format must be one of ${FORMATS.join(', ')}, was "${asked}".`, 'Write for example --format dot.');
    const { chosenBot } = await import('../chosen-bot.js');
    const text = await host.graph(await chosenBot(host, common), format);
    const data: Json = format === 'json' ? { format, graph: JSON.parse(text) as Json } : { format, text };
    return { kind: 'graph', data, text };
  },
};
