// Writes a market that is the same on every machine: node market.mjs FILE
import { writeFileSync } from 'node:fs';

const START = Date.UTC(2024, 0, 1);
const rows = ['ts_ms,symbol,open,high,low,close,volume'];
let [price, state] = [40_000, 1];
for (let bar = 0; bar < 3_000; bar += 1) {
  const open = price;
  state = (state * 48_271) % 2_147_483_647;
  price += Math.round(((state % 201) - 100) / 2 + 40 * Math.sin(bar / 40));
  const [high, low] = [Math.max(open, price) + 5, Math.min(open, price) - 5];
  rows.push(`${START + bar * 60_000},BTC-PERP,${open}.0,${high}.0,${low}.0,${price}.0,${100 + (state % 900)}`);
}
writeFileSync(process.argv[2], `${rows.join('\n')}\n`);
