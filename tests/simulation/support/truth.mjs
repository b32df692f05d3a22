// Compares a bot with the exchange's own truth. Used by the killed children (over the built package) and by the tests
// that run in process, so it takes services and imports none.

/** Statuses in which our side does not claim to know what became of an order. */
const UNSETTLED = ['planned', 'sending', 'unknown'];
/** Statuses in which our side says that the exchange never took it. */
const NEVER_TAKEN = ['rejected', 'lost'];

/** Trade ids in the order in which these books take them, from now on: to be called before their first fill. */
export function appliedTo(portfolio) {
  const trades = [];
  portfolio.onFill((fill) => trades.push(fill.tradeId));
  return trades;
}

/**
 * Everything in which the two differ, as sentences; empty when they agree. `applied` is what `appliedTo` our books has
 * seen. `settled` also refuses an order whose fate our side does not know. `inOrder: false` for news that came in
 * another order than it happened: how much of a profit counts as realised then differs, as the cost of a position is an
 * average; what position and cash are worth does not.
 */
export function differences({ portfolio, applied, log, journal, venue }, { settled = false, inOrder = true } = {}) {
  const problems = [];
  const same = (what, ours, theirs) => {
    if (ours !== theirs) problems.push(`${what}: ours ${String(ours)}, the exchange's ${String(theirs)}`);
  };
  const accounts = ['deposits', 'fees', 'funding', ...(inOrder ? ['price'] : [])];
  for (const account of accounts)
    same(
      account,
      portfolio.ledger.income(account),
      over(venue, (ledger) => ledger.income(account)),
    );
  comparePositions(portfolio, venue, inOrder, same);
  compareFills(applied, log, journal, venue, same, problems);
  compareFundings(journal, venue, problems);
  compareOrders(log, journal, venue, settled, problems);
  for (const [whose, books] of [
    ['ours', portfolio],
    ['the exchange', venue],
  ]) {
    try {
      books.assertConsistent();
    } catch (error) {
      problems.push(`books of ${whose}: ${error.message}`);
    }
  }
  return problems;
}

/** A sum over the accounts at the exchange: our books hold all of them. */
const over = (venue, amountOf) => venue.accounts.reduce((sum, { account }) => sum + amountOf(account.ledger), 0);

function comparePositions(portfolio, venue, inOrder, same) {
  const symbols = new Set(venue.markets.keys());
  for (const position of portfolio.positions()) symbols.add(position.instrument.symbol);
  let ourCost = 0;
  let theirCost = 0;
  for (const symbol of symbols) {
    const market = venue.markets.get(symbol);
    const ours = market === undefined ? undefined : portfolio.position(market.instrument);
    for (const field of inOrder ? ['lots', 'cost', 'realised'] : ['lots'])
      same(`${symbol} position ${field}`, ours?.[field], market?.position[field]);
    ourCost += ours?.cost ?? Number.NaN;
    theirCost += market?.position.cost ?? Number.NaN;
  }
  same(
    'cash less the cost of what is open',
    portfolio.ledger.holdings - ourCost,
    over(venue, (ledger) => ledger.holdings) - theirCost,
  );
}

function compareFills(applied, log, journal, venue, same, problems) {
  const journaled = journal.query({ types: ['fill', 'external_fill'] }).map((event) => event.payload.trade_id);
  const truth = venue.fills.map((fill) => fill.tradeId);
  compareSets('journaled fills', journaled, truth, problems);
  compareSets('applied fills', applied, truth, problems);
  const perOrder = new Map();
  for (const fill of venue.fills) perOrder.set(fill.clientId, (perOrder.get(fill.clientId) ?? 0) + fill.lots);
  for (const [clientId, lots] of perOrder) same(`filled lots of ${clientId}`, log.find(clientId)?.filled, lots);
}

function compareFundings(journal, venue, problems) {
  const journaled = journal.query({ types: ['funding'] }).map((event) => event.payload.funding_id);
  compareSets(
    'journaled payments',
    journaled,
    venue.fundings.map((payment) => payment.id),
    problems,
  );
}

function compareOrders(log, journal, venue, settled, problems) {
  const intents = new Set();
  for (const { payload } of journal.query({ types: ['order'] }))
    if (payload.status === 'planned') intents.add(payload.client_id);
  const theirs = new Map(venue.accounts.flatMap(({ orders }) => [...orders]));
  for (const [clientId, order] of theirs) {
    const ours = log.find(clientId);
    if (!intents.has(clientId)) problems.push(`order ${clientId} has no journaled intent`);
    if (ours === undefined) problems.push(`order ${clientId} is not known to us`);
    else if (ours.status !== order.status)
      problems.push(`order ${clientId}: ours ${ours.status}, the exchange's ${order.status}`);
  }
  for (const order of log.all()) {
    const { clientId } = order.request;
    if (UNSETTLED.includes(order.status) && settled) problems.push(`order ${clientId} is still ${order.status}`);
    if (theirs.has(clientId) || UNSETTLED.includes(order.status) || NEVER_TAKEN.includes(order.status)) continue;
    problems.push(`order ${clientId} is ${order.status} here and not known to the exchange`);
  }
}

function compareSets(what, ours, truth, problems) {
  const mine = new Set(ours);
  const theirs = new Set(truth);
  if (mine.size !== ours.length)
    problems.push(`${what}: some twice, ${ours.filter((id, index) => ours.indexOf(id) !== index).join(' ')}`);
  for (const id of theirs) if (!mine.has(id)) problems.push(`${what}: ${id} is missing`);
  for (const id of mine) if (!theirs.has(id)) problems.push(`${what}: ${id} is not the exchange's`);
}
