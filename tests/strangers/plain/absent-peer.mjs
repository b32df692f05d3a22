// What most installs do without is named, with the command that brings it, and nothing else needs it.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const program = join(dirname(require.resolve('perpsbot/package.json')), 'dist/launch.js');
for (const name of ['ccxt', 'bullmq', 'ioredis', '@duckdb/node-api'])
  assert.throws(() => require.resolve(name), { code: 'MODULE_NOT_FOUND' });

const env = { ...process.env, PERPSBOT_QUEUE_SECRET: 'sixteen letters and more' };
const run = (...args) => spawnSync(process.execPath, [program, ...args], { encoding: 'utf8', env });
const queued = run('worker', '--queue', 'redis://127.0.0.1:1', '--data', '.');
assert.equal(queued.status, 78, queued.stderr);
assert.match(queued.stderr, /PKG-001.*(bullmq|ioredis)/);
assert.match(queued.stderr, /npm install "(bullmq|ioredis)@/);
assert.equal(run('start', '--cycles', '3', '--speed', 'max').status, 0);
console.log('an absent peer is named');
