import { ANY_TEXT, made, Seeded, withLine, type Mutate, type Mutation } from './seeded.js';

/** A file as a venue or a program publishes it, whose rows tell when one of them is missing. */
export interface Original {
  readonly name: string;
  readonly lines: readonly string[];
}

const START = Date.UTC(2024, 7, 8);
const BARS = 80;
const TRADES = 200;

function walk(seed: number, count: number): number[] {
  const random = new Seeded(seed);
  let price = 500_000;
  return Array.from({ length: count }, (_, i) => {
    price += random.below(201) - 100 + Math.round(60 * Math.sin(i / 17));
    return price;
  });
}

const money = (tenths: number): string => (tenths / 10).toFixed(1);

function bars(): Original {
  const prices = walk(11, BARS + 1);
  const rows = Array.from({ length: BARS }, (_, i) => {
    const [open, close] = [prices[i] as number, prices[i + 1] as number];
    const [high, low] = [Math.max(open, close) + 15, Math.min(open, close) - 15];
    const at = START + i * 60_000;
    return `${at},BTC-PERP,${money(open)},${money(high)},${money(low)},${money(close)},${(3 + (i % 7)).toFixed(3)}`;
  });
  return { name: 'bars.csv', lines: ['ts_ms,symbol,open,high,low,close,volume', ...rows] };
}

/** As Binance publishes trades: their count shows what is missing. */
function trades(): Original {
  const rows = walk(12, TRADES).map((price, i) => {
    const size = 1 + (i % 9);
    const worth = (price * size) / 10_000;
    return `${9_000_000 + i},${money(price)},${(size / 1_000).toFixed(3)},${worth.toFixed(4)},${START + i * 900},${i % 3 === 0 ? 'true' : 'false'}`;
  });
  return { name: 'BTCUSDT-trades-2024-08-08.csv', lines: ['id,price,qty,quote_qty,time,is_buyer_maker', ...rows] };
}

export const ORIGINALS: readonly Original[] = [bars(), trades()];

/** Nothing that a price, a size, a time or a name could be in that place. */
const CELLS = [
  ...[
    '',
    ' ',
    '-',
    'NaN',
    'null',
    'None',
    'inf',
    '-Infinity',
    '-5',
    '1e400',
    '0x1F',
    '1,5',
    '"',
    '"x',
    "'5'",
    '５',
    '5%',
  ],
  ...[
    '1e-400',
    '12345678901234567890123',
    '--',
    'abc',
    '=1+1',
    '\u0000',
    '\u001b[31m',
    'x'.repeat(5_000),
    '1.2.3',
    '+-1',
  ],
];

const inside = (lines: readonly string[], random: Seeded): number => 2 + random.below(lines.length - 4);

const MUTATIONS: readonly Mutate[] = [
  ...Array.from({ length: 6 }, (): Mutate => (lines, random) => {
    const at = inside(lines, random);
    const cells = (lines[at] as string).split(',');
    const column = random.below(cells.length);
    const cell = random.of(CELLS);
    cells[column] = cell;
    return made(
      `cell ${column + 1} of line ${at + 1} is ${JSON.stringify(cell.slice(0, 30))}`,
      withLine(lines, at, cells.join(',')),
    );
  }),
  (lines, random) => {
    const at = inside(lines, random);
    return made(`line ${at + 1} is gone`, withLine(lines, at));
  },
  (lines, random) => {
    const at = inside(lines, random);
    return made(`line ${at + 1} stands twice`, withLine(lines, at, lines[at] as string, lines[at] as string));
  },
  (lines, random) => {
    const at = inside(lines, random);
    const [one, two] = [lines[at] as string, lines[at + 1] as string];
    return made(`lines ${at + 1} and ${at + 2} changed places`, withLine(withLine(lines, at, two), at + 1, one));
  },
  (lines, random) => {
    const at = inside(lines, random);
    return made(`the header again at line ${at + 1}`, withLine(lines, at, lines[0] as string, lines[at] as string));
  },
  (lines, random) => {
    const at = inside(lines, random);
    const cut = 1 + random.below((lines[at] as string).length - 1);
    return made(
      `the file ends in line ${at + 1}, after ${cut} letters`,
      [...lines.slice(0, at), (lines[at] as string).slice(0, cut)].join('\n'),
    );
  },
  (lines, random) => {
    const at = inside(lines, random);
    const more = random.of([',', ',7', '\t', ' ', ',,,']);
    return made(
      `line ${at + 1} has ${JSON.stringify(more)} more`,
      withLine(lines, at, `${lines[at] as string}${more}`),
    );
  },
  (lines, random) => {
    const at = inside(lines, random);
    return made(`a blank line at ${at + 1}`, withLine(lines, at, '', lines[at] as string));
  },
  (lines, random) => {
    const names = (lines[0] as string).split(',');
    const column = random.below(names.length);
    names[column] = random.of(['', 'x', (names[column] as string).toUpperCase(), names[0] as string, '价格', 'price2']);
    return made(`column ${column + 1} is named ${JSON.stringify(names[column])}`, withLine(lines, 0, names.join(',')));
  },
  (lines, random) => {
    const separator = random.of([';', '\t', '|', ', ']);
    return made(
      `cells apart by ${JSON.stringify(separator)}`,
      lines.map((line) => line.replaceAll(',', separator)),
    );
  },
  (lines) =>
    made(
      'every cell in quotes',
      lines.map((line) =>
        line
          .split(',')
          .map((cell) => `"${cell}"`)
          .join(','),
      ),
    ),
  (lines, random) => {
    const at = inside(lines, random);
    const cells = (lines[at] as string).split(',');
    const column = cells.findIndex((cell) => /^\d{13}$/.test(cell));
    const unit = random.of(['1000', '000000', '']);
    cells[column] = unit === '' ? (cells[column] as string).slice(0, 10) : `${cells[column] as string}${unit}`;
    return made(`the time of line ${at + 1} is of another unit`, withLine(lines, at, cells.join(',')));
  },
  (lines) => made('no header', lines.slice(1)),
  (lines, random) => {
    const at = inside(lines, random);
    const cells = (lines[at] as string).split(',');
    const column = cells.findIndex((cell) => /^\d+\.\d$/.test(cell));
    cells[column] = (Number(cells[column]) * 1_000).toFixed(1);
    return made(`the price of line ${at + 1} is a thousand times as high`, withLine(lines, at, cells.join(',')));
  },
  ...ANY_TEXT,
];

/** Of which original, and what was made of it. */
export function mutatedData(seed: number): Mutation & { readonly original: Original } {
  const random = new Seeded(seed);
  const original = ORIGINALS[seed % ORIGINALS.length] as Original;
  return { original, ...random.of(MUTATIONS)(original.lines, random) };
}
