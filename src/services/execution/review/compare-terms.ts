import { readAccountTerms } from '../../../border/account-terms.js';
import { differencesOf, viewOf } from '../../../border/declared-terms.js';
import { inTime } from '../../../flow/in-time.js';
import type { Json, Payload } from '../../../ports/storage/event-store.js';
import type { ComparisonPorts, Findings } from './findings.js';

/** How the account trades: as it is declared, and as it was when it was last looked at. */
export async function compareTerms(ports: ComparisonPorts, findings: Findings): Promise<void> {
  const { session, account, config, events } = ports;
  if (session.capabilities.accountTerms !== true) return;
  const { symbols, account: declared } = config.current;
  const terms = readAccountTerms(await inTime(() => account.describeAccount(symbols), ports));
  const view = viewOf(terms);
  const told = new Set<string>();
  for (const { term, symbol, now, declared: wanted } of differencesOf(declared, view, symbols)) {
    const of = symbol === undefined ? term : `${term} of ${symbol}`;
    told.add(of);
    findings.differ({ what: 'terms', of, believed: `${wanted}, as declared`, held: now ?? null });
  }
  const last = events.query({ types: ['account_terms'], limit: 1 }).at(-1)?.payload;
  if (last === undefined) return;
  const compare = (of: string, before: Json | undefined, now: string | boolean | undefined): void => {
    if (told.has(of) || (typeof before !== 'string' && typeof before !== 'boolean') || now === undefined) return;
    if (String(before) !== String(now))
      findings.differ({ what: 'terms', of, believed: String(before), held: String(now) });
  };
  compare('positionMode', last['position_mode'], view.positionMode);
  compare('multiAsset', last['multi_asset'], view.multiAsset);
  compare('feesIn', last['fees_in'], view.feesIn);
  compare('may trade', last['may_trade'], terms.permissions?.trade);
  compare('may withdraw', last['may_withdraw'], terms.permissions?.withdraw);
  for (const symbol of symbols) {
    compare(`leverage of ${symbol}`, ofSymbol(last, 'leverages', symbol), view.leverageOf(symbol));
    compare(`marginMode of ${symbol}`, ofSymbol(last, 'margin_modes', symbol), view.marginModeOf(symbol));
  }
}

function ofSymbol(record: Payload, key: string, symbol: string): Json | undefined {
  const value = record[key];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Payload)[symbol] : undefined;
}
