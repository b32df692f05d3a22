// The environment of the tests: Node's of Jest, whose globals are those of the engine itself. There each look at a
// global (`Math`, `Number`, `Array`) goes through a proxy, which costs whoever computes more than the computing.
import vm from 'node:vm';
import { TestEnvironment } from 'jest-environment-node';

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
}
