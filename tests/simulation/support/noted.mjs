// `noted.mjs <script> <arguments>`: runs a program of one file from the engine's own notes on its text. A start then
// compiles nothing, which is half of what it costs. The first run that ends by itself leaves the notes beside it.
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import vm from 'node:vm';

// What runs sees itself as the program.
process.argv.splice(1, 1);
const file = process.argv[1];
const source = `(function (exports, require, module, __filename, __dirname) {${readFileSync(file, 'utf8')}\n})`;
const notes = `${file}.notes`;

function read(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

const cachedData = read(notes);
const script = new vm.Script(source, {
  filename: file,
  importModuleDynamically: vm.constants.USE_MAIN_CONTEXT_DEFAULT_LOADER,
  ...(cachedData === undefined ? {} : { cachedData }),
});
if (cachedData === undefined || script.cachedDataRejected === true)
  process.once('exit', () => {
    const own = `${notes}.${process.pid}`;
    writeFileSync(own, script.createCachedData());
    renameSync(own, notes);
  });
const module = { exports: {} };
script.runInThisContext()(module.exports, createRequire(file), module, file, dirname(file));
