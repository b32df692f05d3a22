import { WireFields } from '../../../connect/wire-fields.js';
import type { AccountTerms } from '../../../ports/venue/account-terms.js';
import type { SignedRequests } from '../rest/signed-requests.js';

/**
 * What a key may do besides trading futures: told at a host of its own, and in production alone. Source: Binance,
 * "Get API Key Permission".
 */
export async function withRestrictions(terms: AccountTerms, wide: SignedRequests | undefined): Promise<AccountTerms> {
  if (wide === undefined) return terms;
  const said = await wide.ask({ method: 'GET', path: '/sapi/v1/account/apiRestrictions', weight: 1 });
  const fields = new WireFields(said, 'Restrictions of the key');
  const trade = terms.permissions?.trade !== false && fields.flag('enableFutures');
  return { ...terms, permissions: { trade, withdraw: fields.flag('enableWithdrawals') } };
}
