// Run by a Node that is too old: whatever it loads says so, with the remedy.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const require = createRequire(import.meta.url);
const refused = (error) => error.code === 'PKG-002' && /Node 24/.test(error.fix);
const imported = await import('perpsbot');
assert.throws(() => imported.createBot(), refused);
assert.throws(() => require('perpsbot').createBot(), refused);
const program = join(dirname(require.resolve('perpsbot/package.json')), 'dist/launch.js');
const { status, stderr } = spawnSync(process.execPath, [program, 'version'], { encoding: 'utf8' });
assert.equal(status, 78);
assert.match(stderr, /PKG-002.*\n.*Fix: Install Node 24/);
console.log(`${process.version} is told what it needs`);
