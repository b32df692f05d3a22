// The environment of the tests: Node's of Jest, with two costs less that grow with the suite.
// Its globals are those of the engine itself: elsewhere each look at a global (`Math`, `Number`, `Array`) goes through
// a proxy, which costs whoever computes more than the computing.
// And what Jest's runner follows its tests with is let go after each file: before Node 24 every promise of a process
// is shown to each AsyncLocalStorage that was ever used in it, and the runner of every file brings one.
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
