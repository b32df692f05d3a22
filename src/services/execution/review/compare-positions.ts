import { readBalances, readPosition } from '../../../border/positions.js';
import { requireList } from '../../../border/reading.js';
import { Decimal, ZERO } from '../../../domain/decimal.js';
import { inTime } from '../../../flow/in-time.js';
import type { SymbolExposure } from '../../../ports/core-services/account-review.js';
import type { ComparisonPorts, Findings } from './findings.js';

/** Net positions by symbol. Those of symbols that this bot neither trades nor holds are somebody else's. */
export async function comparePositions(ports: ComparisonPorts, findings: Findings): Promise<Map<string, Decimal>> {
  const { account, portfolio, config } = ports;
  const listed = await inTime(() => account.listPositions(), ports);
  requireList(listed, 'Positions');
  const held = new Map<string, Decimal[]>();
  for (const position of listed) {
    readPosition(position);
    if (!position.size.isZero()) held.set(position.symbol, [...(held.get(position.symbol) ?? []), position.size]);
  }
  const own = new Map<string, Decimal>();
  for (const position of portfolio.positions()) {
    const { instrument, size } = position;
    own.set(instrument.symbol, size);
    if (instrument.spec.kind === 'spot' && !size.isZero())
      held.set(instrument.symbol, [await coinsOf(instrument.spec.base, size, ports)]);
  }
  for (const symbol of new Set([...own.keys(), ...held.keys()])) {
    const [mine, theirs] = [own.get(symbol) ?? ZERO, held.get(symbol) ?? []];
    const net = sum(theirs);
    if (!own.has(symbol) && !config.current.symbols.includes(symbol)) {
      const side = net.isNegative() ? 'short' : 'long';
      const size = net.abs().toString();
      findings.foreign.push({ kind: 'position', id: symbol, symbol, side, size, terms: 'of a symbol not traded here' });
    } else if (!mine.eq(net) || isHedged(theirs))
      findings.differ({
        ...{ what: 'position', of: symbol, believed: mine.toString() },
        held: isHedged(theirs) ? theirs.join(' and ') : net.toString(),
      });
  }
  return new Map([...held].map(([symbol, sizes]) => [symbol, sum(sizes)]));
}

/** What is held on spot is a balance. Ours is part of it: coins beyond it are somebody's own. */
async function coinsOf(asset: string, size: Decimal, ports: ComparisonPorts): Promise<Decimal> {
  const balances = readBalances(await inTime(() => ports.account.listBalances(), ports), [asset]);
  return Decimal.min(balances.find((balance) => balance.asset === asset)?.total ?? ZERO, size);
}

const sum = (sizes: readonly Decimal[]): Decimal => sizes.reduce((total, size) => total.plus(size), ZERO);

/** A long and a short one of one instrument are two positions, however little is left between them. */
const isHedged = (sizes: readonly Decimal[]): boolean =>
  sizes.some((size) => size.isNegative()) && sizes.some((size) => size.isPositive());

/** Positions with what rests at the venue, the foreign with our own. */
export function exposureOf(held: ReadonlyMap<string, Decimal>, { resting, foreign }: Findings): SymbolExposure[] {
  const symbols = new Set([...held.keys(), ...resting.map(({ symbol }) => symbol)]);
  return [...symbols].sort().map((symbol) => {
    const position = held.get(symbol) ?? ZERO;
    const orders = resting.filter((order) => order.symbol === symbol).map(({ signed }) => signed);
    return {
      symbol,
      position: position.toString(),
      most: sum([position, ...orders.filter((signed) => signed.isPositive())]).toString(),
      least: sum([position, ...orders.filter((signed) => signed.isNegative())]).toString(),
      hasForeign: foreign.some((holding) => holding.symbol === symbol),
    };
  });
}
