import { once } from 'node:events';
import { createWriteStream, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

type Row = (at: number, from: number, to: number, random: () => number) => string;
const price = (tenths: number): string => (tenths / 10).toFixed(1);
export const barRow: Row = (index, from, to, random) =>
  [
    Date.UTC(2024, 0, 1) + index * 60_000,
    'BTC-PERP',
    price(from),
    price(Math.max(from, to) + 5),
    price(Math.min(from, to) - 5),
    price(to),
    (random() * 1_000).toFixed(3),
  ].join(',');
export const tradeRow: Row = (index, _from, to, random) =>
  [
    Date.UTC(2024, 0, 1) + index * 80,
    'BTC-PERP',
    price(to),
    (random() * 2).toFixed(3),
    random() < 0.5 ? 'buy' : 'sell',
  ].join(',');

/** A random walk, the same on every machine. */
export async function generate(path: string, header: string, row: Row, rows: number): Promise<void> {
  if (existsSync(path)) return;
  mkdirSync(dirname(path), { recursive: true });
  const out = createWriteStream(path);
  let seed = 12_345;
  const random = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
  let [last, part] = [400_000, `${header}\n`];
  for (let index = 0; index < rows; index += 1) {
    const next = Math.max(1_000, last + Math.round((random() - 0.5) * 40));
    part += `${row(index, last, next, random)}\n`;
    last = next;
    if (part.length < 2 ** 20) continue;
    if (!out.write(part)) await once(out, 'drain');
    part = '';
  }
  out.end(part);
  await once(out, 'finish');
}
