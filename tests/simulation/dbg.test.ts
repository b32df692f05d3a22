import { it } from '@jest/globals';
import { swarm } from './support/swarm.js';
import { FaultyWire } from './support/faulty-wire.js';
import { OrderLogService } from '#src/services/execution/order-log.js';
it('dbg', async () => {
  const seed = Number(process.env['SEED']);
  const proto = FaultyWire.prototype as any;
  let self: any;
  const t = () => self === undefined ? 0 : self.parts.now() - 1704153600000;
  const arrive = proto.arrive;
  proto.arrive = async function (broker: any, request: any) {
    const r = await arrive.call(this, broker, request);
    const market = this.parts.venue.markets.get(request.symbol);
    process.stderr.write(`${t()} arrive ${request.clientId} ${request.side} ${request.type} ${request.lots} ro=${request.reduceOnly} -> ${r.outcome} ${r.reason ?? ''} | pos ${market.position.lots} open ${this.parts.venue.openOrders().map((o: any) => `${o.request.clientId}:${o.request.side}:${o.remaining}:${o.request.reduceOnly}`)} exp ${Math.round(this.exposure(request.symbol) / 1e8)}\n`);
    return r;
  };
  const place = proto.place;
  proto.place = function (broker: any, request: any) { self = this; process.stderr.write(`${t()} PLACE ${request.clientId} ${request.side} ${request.type} ${request.lots} ro=${request.reduceOnly}\n`); return place.call(this, broker, request); };
  const open = proto.openAccount;
  proto.openAccount = function (broker: any, sink: any, signal: any) {
    self = this;
    return open.call(this, broker, (e: any) => { process.stderr.write(`   ${t()} told ${e.kind} ${e.kind === 'order' ? e.clientId + ' ' + e.report.status + ' filled ' + e.filled : e.kind === 'fill' ? e.fill.clientId + ' ' + e.fill.lots + ' ' + e.fill.tradeId : ''}\n`); sink(e); }, signal);
  };
  const lp = OrderLogService.prototype as any;
  const keep = lp.keep;
  lp.keep = function (next: any, prev: any) { process.stderr.write(`      ${t()} LOCAL ${next.request.clientId} ${prev?.status} -> ${next.status} filled ${next.filled}/${next.request.lots}\n`); return keep.call(this, next, prev); };
  const figures = await swarm(1, seed);
  process.stderr.write(JSON.stringify(figures) + '\n');
}, 100000);
