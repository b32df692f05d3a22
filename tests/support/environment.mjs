// The environment of the tests: Node's of Jest, with what costs less than it and grows with the suite.
// Its globals are those of the engine itself: elsewhere each look at a global (`Math`, `Number`, `Array`) goes through
// a proxy, which costs whoever computes more than the computing.
// And what Jest's runner follows its tests with is let go after each file: before Node 24 every promise of a process
// is shown to each AsyncLocalStorage that was ever used in it, and the runner of every file brings one.
// And a text that was compiled for one test file is not compiled for the next: the runner's own modules and those of
// packages are functions of one script that is run in each context, modules of the product start from the engine's own
// notes on their text. What they hold is made anew for every file, as before.
import hooks from 'node:async_hooks';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

const followers = new Set();
class Followed extends hooks.AsyncLocalStorage {
  constructor(...how) {
    super(...how);
    followers.add(this);
  }
}
// Not assigned: from Node 22 on it is read through a getter.
if (Number.parseInt(process.versions.node, 10) < 24)
  Object.defineProperty(hooks, 'AsyncLocalStorage', { value: Followed, configurable: true, enumerable: true });

/** What was compiled of a file, and of which text. */
const scripts = new Map();
const notes = new Map();
const { compileFunction, SourceTextModule } = vm;
/** What imports while it runs, or asks who it is, does so for its own test file. */
const isOfItsFile = (source) => /\bimport\s*[(.]/.test(source);

function keptScript(source, parameters, filename) {
  const kept = scripts.get(filename);
  if (kept?.source === source) return kept.script;
  const head = `(function (${parameters.join(', ')}) {`;
  const script = new vm.Script(`${head}${source}\n})`, { filename, columnOffset: -head.length });
  scripts.set(filename, { source, script });
  return script;
}

vm.compileFunction = (source, parameters, options) => {
  const { filename, parsingContext } = options;
  if (!filename.includes('/node_modules/') || isOfItsFile(source)) return compileFunction(source, parameters, options);
  return keptScript(source, parameters, filename).runInContext(parsingContext);
};

vm.SourceTextModule = function NotedModule(source, options) {
  const { identifier } = options;
  const noted = notes.get(identifier);
  if (noted?.source === source) {
    try {
      return new SourceTextModule(source, { ...options, cachedData: noted.data });
    } catch {
      // Notes of an engine whose flags were changed meanwhile.
    }
  }
  const made = new SourceTextModule(source, options);
  if (!isOfItsFile(source)) notes.set(identifier, { source, data: made.createCachedData() });
  return made;
};
vm.SourceTextModule.prototype = SourceTextModule.prototype;

export default class PlainEnvironment extends TestEnvironment {
  constructor(config, context) {
    const { createContext } = vm;
    vm.createContext = () => createContext(vm.constants.DONT_CONTEXTIFY);
    try {
      super(config, context);
    } finally {
      vm.createContext = createContext;
    }
  }

  async teardown() {
    await super.teardown();
    followers.forEach((each) => each.disable());
    followers.clear();
  }
}
