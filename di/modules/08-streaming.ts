import { StreamingService } from '../../src/services/streaming/streaming-service.js';
import { MarketFeed } from '../../src/ports/venue/market-feed.js';
import { Lifecycle, StatusSource } from '../../src/ports/market-services/lifecycle.js';
import { MarketData } from '../../src/ports/market-data/market-data.js';
import { MarketMonitor } from '../../src/ports/market-services/market-monitor.js';
import { Streaming } from '../../src/ports/streaming/streaming.js';
import { WindowStore } from '../../src/ports/runtime-state/window-store.js';
import { phase } from '../phase.js';
import { asStatus } from '../roles.js';

/** Streaming loads last, so it starts last and stops first. */
export const streamingPhase = phase({
  name: 'streaming',
  requires: [MarketFeed, WindowStore, MarketData, MarketMonitor],
  bind({ bind }) {
    bind(Streaming).to(StreamingService).inSingletonScope();
    bind(Lifecycle).toService(Streaming);
    bind(StatusSource).toResolvedValue(asStatus('streaming'), [Streaming]).inSingletonScope();
  },
});
