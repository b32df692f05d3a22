// Two copies in one program: each mistake has its code and says what to do.
import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { Container } from 'inversify';
import { createBot, Lifecycle, Logger } from 'perpsbot';
import { testBot } from 'perpsbot/testing';

const config = { profile: 'dev', storage: { driver: 'memory' } };
const require = createRequire(import.meta.url);
const installed = dirname(require.resolve('perpsbot/package.json'));
const modules = dirname(installed);
const others = join(import.meta.dirname ?? '.', 'others/node_modules');
mkdirSync(others, { recursive: true });
cpSync(installed, join(others, 'perpsbot'), { recursive: true });
cpSync(join(modules, 'inversify'), join(others, 'inversify'), { recursive: true });
cpSync(join(modules, '@inversifyjs'), join(others, '@inversifyjs'), { recursive: true });

const refused = (code, remedy) => (error) => {
  assert.equal(error.code, code, error.message);
  assert.match(error.fix, remedy);
  return true;
};

// The copy that the host shares is a parent.
const host = new Container();
assert.doesNotThrow(() => createBot({ config, parent: host }));

// Another copy of inversify is none.
const { Container: Foreign } = await import(pathToFileURL(join(others, 'inversify/lib/index.js')).href);
assert.notEqual(Foreign, Container);
assert.throws(() => createBot({ config, parent: new Foreign() }), refused('DI-014', /npm dedupe/));

// Nor is any, where the package had to bring its own: a runner that loads CommonJS alone.
const commonJs = require(join(installed, 'dist/cjs/index.js'));
assert.notEqual(commonJs.PerpsBot, (await import('perpsbot')).PerpsBot);
assert.throws(() => commonJs.createBot({ config, parent: host }), refused('DI-014', /overrides/));
assert.equal(require(join(installed, 'dist/cjs/testing.js')).testBot().bot instanceof commonJs.PerpsBot, true);

// Tokens of another copy of the package.
const entry = readdirSync(join(others, 'perpsbot/dist')).find((name) => name === 'index.js');
const other = await import(pathToFileURL(join(others, 'perpsbot/dist', entry)).href);
assert.notEqual(other.Logger, Logger);
for (const change of [
  (container) => container.rebind(other.Logger).toConstantValue(console),
  (container) => container.bind(other.Lifecycle).toConstantValue({ name: 'part' }),
  (container) => container.unbind(other.Logger),
])
  assert.throws(() => testBot({ overrides: change }), refused('PKG-003', /npm ls perpsbot/));
assert.doesNotThrow(() =>
  testBot({
    overrides: (container) => container.bind(Lifecycle).toConstantValue({ name: 'part', start() {}, stop() {} }),
  }),
);
console.log('copies are told apart');
