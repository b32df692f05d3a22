// The environment of the tests: Node's of Jest, with what costs less than it and grows with the suite.
// All files of a worker run in one realm, over the same modules of the product (runtime.mjs): what was loaded, linked
// and compiled for one is not for the next. A file whose result hangs on what ran before it is told to be alone, by
// `@jest-environment-options {"alone": true}` at its head, and has a realm and modules of its own.
// The globals are those of the engine itself: elsewhere each look at a global (`Math`, `Number`, `Array`) goes through
// a proxy, which costs whoever computes more than the computing.
// And what Jest's runner follows its tests with is let go after each file: before Node 24 every promise of a process
// is shown to each AsyncLocalStorage that was ever used in it, and the runner of every file brings one.
// And a text that was compiled once is not compiled again: the runner's own modules and those of packages are functions
// of one script, other modules start from the engine's own notes on their text.
import hooks from 'node:async_hooks';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

// What bots of one user share is the worker's own: its bots trade venues of one name and place.
process.env.XDG_STATE_HOME = join(tmpdir(), `state-of-worker-${process.env.JEST_WORKER_ID ?? '0'}`);

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

function unfollow() {
  followers.forEach((each) => each.disable());
  followers.clear();
}

/** A realm of its own. */
class OwnRealm extends TestEnvironment {
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
    unfollow();
  }
}

/** The realm of a worker, with the modules that its test files share. */
class Worker {
  constructor(config, context) {
    this.realm = new OwnRealm(config, context);
    const { global } = this.realm;
    this.globals = propertiesOf(global);
    this.process = propertiesOf(global.process).filter(([, { value }]) => typeof value === 'function');
    this.env = { ...global.process.env };
  }

  /** As no file has touched it: what one left behind, Jest's own names among it, is no concern of the next. */
  putBack() {
    const { global } = this.realm;
    const { process } = global;
    this.realm.fakeTimersModern.useRealTimers();
    const before = new Map(this.globals);
    for (const [key, { configurable }] of propertiesOf(global))
      if (configurable && !before.has(key)) delete global[key];
    restore(global, this.globals);
    restore(process, this.process);
    for (const key of Object.keys(process.env)) if (!(key in this.env)) delete process.env[key];
    Object.assign(process.env, this.env);
  }
}

const propertiesOf = (of) => Reflect.ownKeys(of).map((key) => [key, Object.getOwnPropertyDescriptor(of, key)]);

function restore(of, before) {
  for (const [key, was] of before) {
    const now = Object.getOwnPropertyDescriptor(of, key);
    if (now !== undefined && (!now.configurable || (Object.is(now.value, was.value) && now.get === was.get))) continue;
    Object.defineProperty(of, key, was);
  }
}

let worker;

/** What one test file has of the realm of its worker. */
class SharedRealm {
  constructor(config, context) {
    this.worker = worker ??= new Worker(config, context);
    const { global, moduleMocker, fakeTimers, fakeTimersModern } = this.worker.realm;
    Object.assign(this, { global, moduleMocker, fakeTimers, fakeTimersModern });
  }

  exportConditions() {
    return this.worker.realm.exportConditions();
  }

  /** None once the file has ended: what it left running loads nothing more. */
  getVmContext() {
    return this.worker === undefined ? null : this.worker.realm.getVmContext();
  }

  async setup() {
    // It is set up already.
  }

  async teardown() {
    this.worker.putBack();
    this.worker = undefined;
    unfollow();
  }
}

export default class Environment {
  constructor(config, context) {
    const { watch, watchAll } = config.globalConfig;
    // Who watches files changes them while the worker lives.
    const isAlone = watch || watchAll || config.projectConfig.testEnvironmentOptions.alone === true;
    return isAlone ? new OwnRealm(config, context) : new SharedRealm(config, context);
  }
}
