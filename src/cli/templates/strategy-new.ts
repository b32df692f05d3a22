import { fault } from '../../domain/errors.js';
import type { CommandSpec } from '../command.js';
import { usage } from '../flags.js';
import type { CliHost } from '../host.js';

const SOURCE = /\.m?([jt])s$/;
/** Recorded bars that come with the package: where it is installed, and in its checkout. */
const SAMPLES = ['node_modules/perpsbot/docs/sample/synthetic-bars.csv', 'docs/sample/synthetic-bars.csv'];

export const strategyNew: CommandSpec = {
  name: 'strategy new',
  summary: 'Write a strategy that runs as it stands.',
  example: 'strategy new my-strategy.js --template ladder',
  kind: 'strategy.new',
  argument: { name: 'file', text: 'file to write; it must not exist' },
  flags: [
    { flags: '--template <name>', text: 'ema-cross (default), ladder, trailing, limits or breakout: what it shows' },
  ],
  async run({ host }, flags) {
    const { isTemplate, strategyFromTemplate, STRATEGY_TEMPLATES } = await import('./strategy-templates.js');
    const file = flags.required('file');
    const [, language] = SOURCE.exec(file) ?? [];
    if (language === undefined)
      throw usage(
        `strategy new must be given a .js, .mjs, .ts or .mts file, was "${file}".`,
        'Write for example perpsbot strategy new my-strategy.js.',
      );
    const template = flags.text('template') ?? 'ema-cross';
    if (!isTemplate(template))
      throw usage(
        `--template must be one of ${Object.keys(STRATEGY_TEMPLATES).join(', ')}, was "${template}".`,
        ['Each shows one thing:', ...Object.entries(STRATEGY_TEMPLATES).map(([n, { about }]) => `${n}: ${about}`)].join(
          '\n  ',
        ),
      );
    if (host.readFile(file) !== undefined)
      throw fault('CLI-001', `${file} must not exist, and does.`, {
        where: file,
        fix: 'Name another file; nothing is overwritten.',
      });
    host.writeFile(file, strategyFromTemplate(template, nameOf(file), language === 't'));
    const next = nextOf(file, host);
    return {
      kind: 'strategy.new',
      data: { file, template, next },
      text: [
        `Written to ${file}: ${STRATEGY_TEMPLATES[template].about}. Next:`,
        ...next.map((each) => `  ${each}`),
      ].join('\n'),
    };
  },
};

/** The file's name as a strategy may be called. */
function nameOf(file: string): string {
  const name = (file.split(/[/\\]/).pop() ?? '')
    .replace(SOURCE, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-$/g, '');
  return name === '' ? 'my-strategy' : name;
}

function nextOf(file: string, host: CliHost): readonly string[] {
  const isCompiled = /ts$/.test(file) && !readsTypeScript(host.build.node);
  const run = pathText(isCompiled ? file.replace(/ts$/, 'js') : file);
  const data = SAMPLES.find((path) => host.readFile(path) !== undefined) ?? 'bars.csv';
  return [
    ...(isCompiled
      ? [`npx --package typescript tsc --module esnext --moduleResolution bundler --target es2022 ${quoted(file)}`]
      : []),
    ...['strategy check', 'backtest', 'explain'].map((name) => `perpsbot ${name} --strategy ${run} --data ${data}`),
  ];
}

/** Node takes the types out by itself from 22.18 and 23.6 on. */
function readsTypeScript(node: string): boolean {
  const [major = 0, minor = 0] = node.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

/** As a shell reads it, and with the slash by which a file is told from a name. */
const pathText = (file: string): string => quoted(/[/\\]/.test(file) ? file : `./${file}`);
const quoted = (word: string): string => (/[^\w./\\:-]/.test(word) ? `"${word}"` : word);
