// Appends durable records to a journal and acknowledges each on standard output, until it is killed. Compiles the
// sources it needs by itself, so that it depends on no build:
// `crash-child.mjs <output directory> <state directory> <driver>`.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import ts from 'typescript';

const [output, state, driver] = process.argv.slice(2);

for (const room of ['domain', 'injection', 'ports', 'flow', 'storage']) {
  for (const name of readdirSync(join('src', room), { recursive: true }).filter((file) => file.endsWith('.ts'))) {
    const { outputText } = ts.transpileModule(readFileSync(join('src', room, name), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.ESNext, experimentalDecorators: true },
    });
    const target = join(output, room, name.replace(/\.ts$/, '.js'));
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, outputText);
  }
}
writeFileSync(join(output, 'package.json'), '{"type":"module"}');

await import('reflect-metadata');
const { SqliteEventStore } = await import(pathToFileURL(join(output, 'storage/sqlite/event-store.js')));
const { loadDriver } = await import(pathToFileURL(join(output, 'storage/sqlite/runtime-sqlite.js')));

const config = { current: { botId: 'child', profile: 'demo', storage: { driver: 'sqlite', directory: state } } };
const timers = { pending: 0, after: () => () => undefined, sleep: () => Promise.resolve() };
const logger = { debugEnabled: false, error() {}, warn() {}, info() {}, debug() {} };
const store = new SqliteEventStore(config, { now: () => 1_704_067_200_000 }, timers, loadDriver(driver), logger);

store.open();
for (let n = 1; ; n += 1) {
  store.append('metric', { n });
  const { seq } = await store.appendDurable('intent', { n });
  // Waits for the pipe: a parent that does not read for a while must not end this process.
  await new Promise((written) => process.stdout.write(`${seq}\n`, written));
}
