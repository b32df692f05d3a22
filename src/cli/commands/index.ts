import type { CommandSpec } from '../command.js';
import { backtest } from './backtest.js';
import { config } from './config.js';
import { control } from './control.js';
import { data } from './data.js';
import { doctor } from './doctor.js';
import { explain } from './explain.js';
import { graph } from './graph.js';
import { health } from './health.js';
import { journal } from './journal.js';
import { monteCarlo } from './monte-carlo.js';
import { optimize } from './optimize.js';
import { paper } from './paper.js';
import { preflight } from './operator/preflight.js';
import { reconcile } from './operator/reconcile.js';
import { report } from './report.js';
import { start } from './start.js';
import { strategy } from './strategy.js';
import { venueServe } from './venue/serve.js';
import { verify } from './verify.js';
import { version } from './version.js';
import { walkForward } from './walk-forward.js';
import { worker } from './worker.js';

/** Every command, in the order of help. */
export const COMMANDS: readonly CommandSpec[] = [
  start,
  ...control,
  reconcile,
  backtest,
  explain,
  ...strategy,
  report,
  optimize,
  walkForward,
  monteCarlo,
  worker,
  paper,
  venueServe,
  ...config,
  ...data,
  ...journal,
  graph,
  verify,
  health,
  doctor,
  preflight,
  version,
];

/** What a group of commands is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: 'Check, show or describe the configuration.',
  data: 'Fetch, import, list and check recorded market data.',
  strategy: 'List, write and check strategies.',
  venue: 'Be a venue, to test bots on.',
  journal: 'Read the journal: what happened, in order.',
};
