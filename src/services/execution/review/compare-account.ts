import type { Decimal } from '../../../domain/decimal.js';
import type { ReconcileReport } from '../../../ports/core-services/account-review.js';
import { compareFills } from './compare-fills.js';
import { compareMoney } from './compare-money.js';
import { compareOrders } from './compare-orders.js';
import { comparePositions, exposureOf } from './compare-positions.js';
import { compareTerms } from './compare-terms.js';
import { Findings, type ComparisonPorts } from './findings.js';

/** One look at everything, which changes nothing. Never rejects: what could not be asked is a difference. */
export async function compareAccount(ports: ComparisonPorts): Promise<ReconcileReport> {
  const findings = new Findings(ports);
  let held: ReadonlyMap<string, Decimal> = new Map();
  await findings.asking('open orders', () => compareOrders(ports, findings));
  await findings.asking('fills', () => compareFills(ports, findings));
  await findings.asking('positions', async () => {
    held = await comparePositions(ports, findings);
  });
  await findings.asking('balances', () => compareMoney(ports, findings));
  await findings.asking('terms of the account', () => compareTerms(ports, findings));
  const account = ports.events.query({ types: ['account'], limit: 1 })[0]?.payload['account'];
  return {
    at: ports.clock.now(),
    venue: ports.session.capabilities.venue,
    account: typeof account === 'string' ? account : null,
    agreed: findings.differences.length === 0,
    // Copies: what is answered after its time is not told.
    differences: [...findings.differences],
    mended: [],
    foreign: [...findings.foreign],
    exposure: exposureOf(held, findings),
  };
}
