import { ANY_TEXT, made, withLine, type Mutate, type Mutation, Seeded } from './seeded.js';

/** A configuration that says something of each kind: shares, money, durations, names, lists, switches, texts. */
export const CONFIG = `profile: demo
updateInterval: 5s
symbols: [BTC-PERP]
strategy:
  name: baseline
  shortMa: 4
  longMa: 9
  positionFraction: 10%
  targetLeverage: 2
  trailingStop: 1%
  enableShorts: false
risk:
  maxLeverage: 4
  maxOrderNotional: 4500 USDT
  maxPositionSize: 6000 USDT
  dailyLossLimit: 400 USDT
  maxDrawdown: 40%
  priceCollar: 100bps
execution:
  collateral: [USDT]
  requestTimeout: 10s
simulation:
  equity: 20000 USDT
  seed: 7
`;

const WORDS = [
  ...['-1', '0', '1e9', '1e-9', '.nan', '.inf', 'null', '~', '""', "'5'", 'true', 'yes', '[]', '{}', '[1, 2]'],
  ...[
    '5%',
    '5 %',
    '-5%',
    '500%',
    '5bps',
    '5s',
    '5 m',
    '-1d',
    '5 USDT',
    '5 BTC',
    '0x10',
    '1_000',
    '1,5',
    '１２',
    '5m5s',
  ],
  ...['"a\\u0000b"', '*nobody', '&a 1', '!!binary aGk=', '|', '2024-01-01', 'off', 'x'.repeat(10_000), '__proto__'],
  ...['999999999999999999999999', '0.1234567890123456789', '- 1', '? a', '<<: *a', '{a: 1, a: 2}', '"\\e[31mred"'],
];
const NAMES = ['__proto__', 'constructor', 'toString', 'maxLeverag', 'MAXLEVERAGE', 'max_leverage', 'live', '"": 1 #'];

const filled = (lines: readonly string[]): number[] =>
  lines.flatMap((line, at) => (/^\s*[A-Za-z]+: \S/.test(line) ? [at] : []));

/** A name with a letter too few, too many, or another one. */
function misspelt(name: string, random: Seeded): string {
  const at = random.below(name.length);
  const cut = name.slice(0, at) + name.slice(at + 1);
  return random.of([cut, `${name.slice(0, at)}x${name.slice(at)}`, name.toUpperCase(), `${cut}y`]);
}

const MUTATIONS: readonly Mutate[] = [
  ...Array.from({ length: 8 }, (): Mutate => (lines, random) => {
    const at = random.of(filled(lines));
    const word = random.of(WORDS);
    const line = (lines[at] as string).replace(/: .*/, () => `: ${word}`);
    return made(`line ${at + 1} says ${line.trim().slice(0, 60)}`, withLine(lines, at, line));
  }),
  ...Array.from({ length: 3 }, (): Mutate => (lines, random) => {
    const at = random.below(lines.length);
    const line = (lines[at] as string).replace(/[A-Za-z]+/, (name) => misspelt(name, random));
    return made(`line ${at + 1} is spelt ${line.trim()}`, withLine(lines, at, line));
  }),
  (lines, random) => {
    const at = random.below(lines.length);
    return made(`line ${at + 1} stands twice`, withLine(lines, at, lines[at] as string, lines[at] as string));
  },
  (lines, random) => {
    const at = random.below(lines.length);
    return made(`line ${at + 1} is gone: ${(lines[at] as string).trim()}`, withLine(lines, at));
  },
  (lines, random) => {
    const at = random.below(lines.length);
    const shift = random.of([' ', '  ', '\t', '    ']);
    return made(`line ${at + 1} is further in`, withLine(lines, at, shift + (lines[at] as string)));
  },
  (lines, random) => {
    const at = random.below(lines.length);
    return made(`line ${at + 1} is further out`, withLine(lines, at, (lines[at] as string).replace(/^ {1,2}/, '')));
  },
  (lines, random) => {
    const [from, to] = [random.below(lines.length), random.below(lines.length)];
    const rest = withLine(lines, from);
    rest.splice(to, 0, lines[from] as string);
    return made(`line ${from + 1} stands at ${to + 1}`, rest);
  },
  (lines, random) => {
    const at = random.below(lines.length);
    const name = random.of(NAMES);
    const pad = /^ */.exec(lines[at] as string)?.[0] ?? '';
    return made(`${name} comes before line ${at + 1}`, withLine(lines, at, `${pad}${name}: 1`, lines[at] as string));
  },
  (lines, random) => {
    const text = lines.join('\n');
    const at = random.below(text.length);
    return made(`cut off at ${at}`, text.slice(0, at));
  },
  (lines, random) => {
    const text = `${lines.join('\n')}\n`;
    const at = random.below(text.length);
    return made(`without letter ${at}, ${JSON.stringify(text[at])}`, text.slice(0, at) + text.slice(at + 1));
  },
  ...ANY_TEXT,
];

export function mutatedConfig(seed: number): Mutation {
  const random = new Seeded(seed);
  return random.of(MUTATIONS)(CONFIG.trimEnd().split('\n'), random);
}
