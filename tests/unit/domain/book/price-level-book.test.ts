import { PriceLevelBook } from '#src/domain/book/price-level-book.js';
import { lots, ticks } from '#src/domain/units.js';

describe('the book of levels', () => {
  const levelsOf = (side: PriceLevelBook['asks']): [number, number][] => {
    const levels: [number, number][] = [];
    for (let price = side.best; !Number.isNaN(price); price = side.next(price)) levels.push([price, side.at(price)]);
    return levels;
  };

  it.each([
    ['near each other', 200],
    ['far from each other', 400_000],
  ])('says the same as a plain list of levels after any changes %s', (_name, spread) => {
    const book = new PriceLevelBook();
    const [bids, asks] = [new Map<number, number>(), new Map<number, number>()];
    let state = 7;
    const random = (below: number): number => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const touched: number[] = [];
    for (let i = 0; i < 3_000; i += 1) {
      const price =
        touched.length > 50 && random(2) === 0
          ? (touched[random(touched.length)] as number)
          : 1_000_000 + random(spread);
      touched.push(price);
      const size = random(3) === 0 ? 0 : 1 + random(9);
      for (const [side, plain] of [
        ['buy', bids],
        ['sell', asks],
      ] as const) {
        book.set(side, ticks(price), lots(size));
        if (size > 0) plain.set(price, size);
        else plain.delete(price);
      }
    }
    expect(levelsOf(book.asks)).toEqual([...asks].sort(([a], [b]) => a - b));
    expect(levelsOf(book.bids)).toEqual([...bids].sort(([a], [b]) => b - a));
    expect([book.asks.count, book.bids.count]).toEqual([asks.size, bids.size]);
    expect(book.asks.lotsAt(ticks(2_000_000))).toBeNaN();
    expect(book.asks.lotsAt(ticks(999))).toBe(0);
    book.clear();
    expect([book.asks.best, book.asks.count]).toEqual([Number.NaN, 0]);
  });
});
