/** What a baseline run is about, in decimal text. Oracles know nothing else of the project. */
export interface OracleTerms {
  readonly tick: string;
  readonly step: string;
  /** Price scale on which stop levels are rounded. */
  readonly markSize: string;
  readonly takerFee: string;
  readonly equity: string;
  readonly shortMa: number;
  readonly longMa: number;
  readonly epsilonBps: string;
  readonly confirmBars: number;
  /** Fraction of the best price; 0 is no stop. */
  readonly trailingStop: string;
  /** Share of equity in one entry, before leverage. */
  readonly fraction: string;
  readonly leverage: number;
  readonly enableShorts: boolean;
  /** Largest value of one entry. */
  readonly cap?: string;
  /** What money is counted in; absent: 1e-8. */
  readonly unit?: string;
}

/** One step of the rolling hash over fills (FNV-1a over 32-bit words). */
export function mixFill(hash: number, at: number, signedLots: number, price: number, fee: number): number {
  return mix(mix(mix(mix(hash, at), signedLots), price), fee);
}

/** Hash of no fills. */
export const FILLS_HASH = 0x811c9dc5;

const PRIME = 0x01000193;
const WORD = 2 ** 32;

function mix(hash: number, value: number): number {
  const low = Math.imul(hash ^ value, PRIME);
  return Math.imul(low ^ Math.floor(value / WORD), PRIME) >>> 0;
}
