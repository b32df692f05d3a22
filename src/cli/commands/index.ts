import type { CommandSpec } from '../command.js';
import { backtest } from './backtest.js';
import { config } from './config.js';
import { doctor } from './doctor.js';
import { graph } from './graph.js';
import { journal } from './journal.js';
import { paper } from './paper.js';
import { start } from './start.js';
import { verify } from './verify.js';
import { version } from './version.js';

/** Every command, in the order of help. */
export const COMMANDS: readonly CommandSpec[] = [start, backtest, paper, ...config, ...journal, graph, verify, doctor, version];

/** What a group of commands is about. */
export const GROUPS: Readonly<Record<string, string>> = {
  config: 'Check, show or describe the configuration.',
  journal: 'Read the journal: what happened, in order.',
};
