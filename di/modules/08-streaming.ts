import { StreamingService } from '../../src/services/streaming/streaming-service.js';
import { Brokerage } from '../../src/ports/brokerage.js';
import { Lifecycle, StatusSource } from '../../src/ports/lifecycle.js';
import { MarketData } from '../../src/ports/market-data.js';
import { MarketMonitor } from '../../src/ports/market-monitor.js';
import { Streaming } from '../../src/ports/streaming.js';
import { WindowStore } from '../../src/ports/window-store.js';
import { phase } from '../phase.js';
import { asStatus } from '../roles.js';

/** Streaming loads last, so it starts last and stops first. */
export const streamingPhase = phase({
  name: 'streaming',
  requires: [Brokerage, WindowStore, MarketData, MarketMonitor],
  bind({ bind }) {
    bind(Streaming).to(StreamingService).inSingletonScope();
    bind(Lifecycle).toService(Streaming);
    bind(StatusSource).toResolvedValue(asStatus('streaming'), [Streaming]).inSingletonScope();
  },
});
