import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';

const HERE = 'tests/characterization';

/**
 * The seed's five checklists, its two lists of side effects that must be preserved, and its lock verification, in its
 * words.
 */
const BOXES: Readonly<Record<string, readonly string[]>> = {
  'Initialization invariants': [
    'All services exist after __init__',
    'mark_windows initialized for all symbols',
    'Locks are created (RLock type)',
    'Registry has broker, risk_manager',
    'Event/orders stores exist',
  ],
  'update_marks behavior': [
    'mark_windows updated for each symbol',
    'risk_manager.last_mark_update updated',
    "Error on one symbol doesn't stop others",
    'Thread-safe when called concurrently',
  ],
  'Streaming behavior': [
    '_ws_thread starts when configured',
    'mark_windows updated from stream',
    'Uses same lock as update_marks',
    'Stops cleanly on shutdown',
  ],
  'Property access': [
    'broker raises RuntimeError if None',
    'risk_manager raises RuntimeError if None',
    'exec_engine raises RuntimeError if None',
  ],
  Delegation: [
    'process_symbol → strategy_orchestrator',
    'execute_decision → execution_coordinator',
    'write_health_status → system_monitor',
  ],
  'update_marks side effects': [
    '1. Updates mark_windows[symbol] (thread-safe via _mark_lock)',
    '2. Updates risk_manager.last_mark_update[symbol] with timestamp',
    '3. Trims mark_windows to max(long_ma, short_ma) + 5',
    '4. Logs errors but continues processing other symbols',
    '5. No telemetry hooks (verified: only streaming uses MarketActivityMonitor)',
  ],
  'Streaming side effects': [
    '1. Updates mark_windows[symbol] via market_data_service._update_mark_window()',
    '2. Updates risk_manager.last_mark_update[symbol] with timestamp',
    '3. Records market_monitor.record_update(symbol) for each update',
    '4. Writes event_store metrics: ws_mark_update, ws_stream_error, ws_stream_exit',
    '5. Falls back from orderbook → trades on error',
    '6. Respects stop event for graceful shutdown',
    '7. Thread-safe via shared _mark_lock from MarketDataService',
  ],
  'Lock sharing': [
    'Unit tests verify lock usage via instrumentation',
    'Characterization tests verify lock sharing: bot._mark_lock is bot._streaming_service.market_data_service._mark_lock',
    "Concurrent update_marks + streaming don't race",
  ],
};

interface Mutant {
  readonly name: string;
  readonly kills: string;
  readonly file: string;
  readonly find: string;
  readonly replace: string;
}

const mutants = JSON.parse(readFileSync('tests/mutants/mutants.json', 'utf8')) as Mutant[];
const boxes = Object.entries(BOXES).flatMap(([list, words]) => words.map((box) => `${list} ${box}`));
const titles = readdirSync(HERE)
  .filter((name) => name.endsWith('.test.ts') && name !== 'checklist.test.ts')
  .flatMap((name) => titlesOf(readFileSync(`${HERE}/${name}`, 'utf8')));

/** Full titles as jest gives them: every `it` stands directly in one `describe`. */
function titlesOf(source: string): string[] {
  const found: string[] = [];
  let list = '';
  for (const [, kind, , title] of source.matchAll(/^ *(describe|it)\((['"])(.*?)\2, /gmu)) {
    if (kind === 'describe') list = title as string;
    else found.push(`${list} ${title as string}`);
  }
  return found;
}

const occurrences = ({ file, find }: Mutant): number => readFileSync(file, 'utf8').split(find).length - 1;

describe('the characterization list', () => {
  it('has one test for each of the 34 points of the seed, in its words, and no other', () => {
    expect(boxes).toHaveLength(34);
    expect(boxes.map((box) => titles.filter((title) => title.startsWith(box)).length)).toEqual(boxes.map(() => 1));
    expect(titles).toHaveLength(boxes.length);
  });

  it('has one mutant for each test', () => {
    expect(mutants.map(({ kills }) => kills).sort()).toEqual([...titles].sort());
    expect(new Set(mutants.map(({ name }) => name)).size).toBe(mutants.length);
  });

  it('has mutants of the code alone, each of which changes exactly one place', () => {
    expect(mutants.filter(({ file }) => !/^(src|di)\/.+\.ts$/u.test(file))).toEqual([]);
    expect(mutants.filter((mutant) => occurrences(mutant) !== 1 || mutant.find === mutant.replace)).toEqual([]);
  });
});
