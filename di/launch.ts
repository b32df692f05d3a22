#!/usr/bin/env node
import { runCli } from '../src/cli/main.js';
import { cliHost } from './cli-host.js';

// The event loop is left to drain: a bot that has stopped has nothing open, and a test checks that.
runCli(process.argv.slice(2), cliHost()).then(
  (code) => {
    process.exitCode = code;
  },
  (error: unknown) => {
    process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
    process.exitCode = 1;
  },
);
