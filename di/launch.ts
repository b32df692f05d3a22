#!/usr/bin/env node
import { refusalOfNode } from '../src/platform/supported-node.js';

// Before anything else is loaded: on an older Node that would end in a syntax error that explains nothing.
const refusal = refusalOfNode(process.version);
if (refusal === undefined) await import('./command-line.js');
else {
  process.stderr.write(`✗ ${refusal.code}  ${refusal.message}\n  Fix: ${refusal.fix ?? ''}\n`);
  process.exitCode = refusal.exitCode;
}
