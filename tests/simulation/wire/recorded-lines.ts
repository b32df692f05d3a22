import { existsSync, readFileSync } from 'node:fs';
import { makeSession } from '../../support/session.js';

const RECORDING = '../shared/data/sessions/binance_usdm_btcusdt_20240808.ndjson.gz';

/** The recorded session where it lies beside the project, else one that is made up. */
export const sessionBytes = (): Uint8Array =>
  existsSync(RECORDING)
    ? readFileSync(RECORDING)
    : new TextEncoder().encode(
        makeSession({ messages: 1_200, seed: 5, trades: true, everyMs: 20 })
          .lines.map((line) => `${line}\n`)
          .join(''),
      );
