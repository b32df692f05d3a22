import { fault } from '../../domain/errors.js';
import type { CommandSpec } from '../command.js';
import { usage } from '../flags.js';
import type { CliHost } from '../host.js';

const SOURCE = /\.m?([jt])s$/;
/** Recorded bars that come with the package: where it is installed, and in its checkout. */
const SAMPLES = ['node_modules/perpsbot/docs/sample/synthetic-bars.csv', 'docs/sample/synthetic-bars.csv'];

export const strategyNew: CommandSpec = {
  name: 'strategy new',
  summary: 'Write a strategy that runs as it stands, and its test.',
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
    const test = testOf(file);
    for (const path of [file, test])
      if (host.readFile(path) !== undefined)
        throw fault('CLI-001', `${path} must not exist, and does.`, {
          where: path,
          fix: 'Name another file; nothing is overwritten.',
        });
    const { testFromTemplate } = await import('./strategy-test.js');
    const name = nameOf(file);
    host.writeFile(file, strategyFromTemplate(template, name, language === 't'));
    host.writeFile(test, testFromTemplate(template, name, baseOf(runOf(file, host))));
    const next = nextOf(file, test, host);
    return {
      kind: 'strategy.new',
      data: { file, test, template, next },
      text: [
        `Written to ${file}, with its test ${test}: ${STRATEGY_TEMPLATES[template].about}. Next:`,
        ...next.map((each) => `  ${each}`),
      ].join('\n'),
    };
  },
};

/** The file's name as a strategy may be called. */
function nameOf(file: string): string {
  const name = baseOf(file)
    .replace(SOURCE, '')
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[^a-z]+|-$/g, '');
  return name === '' ? 'my-strategy' : name;
}

const baseOf = (file: string): string => file.split(/[/\\]/).pop() ?? '';
/** What Node.js runs of it: the file itself, or what it is compiled to. */
const runOf = (file: string, host: CliHost): string => (isCompiled(file, host) ? file.replace(/ts$/, 'js') : file);
const isCompiled = (file: string, host: CliHost): boolean => /ts$/.test(file) && !readsTypeScript(host.build.node);
/** Its test is JavaScript, whatever it is itself: it needs no types, and nobody compiles it. */
const testOf = (file: string): string => file.replace(SOURCE, file.endsWith('.js') ? '.test.js' : '.test.mjs');

function nextOf(file: string, test: string, host: CliHost): readonly string[] {
  const run = pathText(runOf(file, host));
  const data = SAMPLES.find((path) => host.readFile(path) !== undefined) ?? 'bars.csv';
  return [
    ...(isCompiled(file, host)
      ? [`npx --package typescript tsc --module esnext --moduleResolution bundler --target es2022 ${quoted(file)}`]
      : []),
    ...['strategy check', 'backtest', 'explain'].map((name) => `perpsbot ${name} --strategy ${run} --data ${data}`),
    `node --test ${quoted(test)}`,
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
