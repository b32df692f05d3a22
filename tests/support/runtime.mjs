// Jest's runtime of one test file, over modules that all files of a worker share: the product and its packages are
// loaded, linked and compiled once, as in a process that runs many bots, and what the engine learned of them stays.
// Tests and what supports them are loaded anew for each file.
import { isAbsolute, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import Runtime from 'jest-runtime';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const SHARED = ['src', 'di', 'config', '.cache/vendors', 'node_modules'].map((folder) => join(ROOT, folder) + sep);

/** Node's own modules too: they are the same for all, and `node:module` must require what is shared. */
const isShared = (path) =>
  !isAbsolute(path) || (!path.endsWith('.json') && SHARED.some((folder) => path.startsWith(folder)));

/** The shared modules of a worker, held by a runtime that never ends. */
class Shared {
  #runtime;
  #turn;
  #modules = new Map();

  constructor(runtime) {
    this.#runtime = runtime;
    // Whatever is decorated needs it, and the order of a file's imports no longer says what comes first.
    this.#turn = runtime.unstable_importModule(join(ROOT, 'package.json'), 'reflect-metadata');
  }

  get sourceMaps() {
    return this.#runtime.transformCache.sourceMaps;
  }

  /** One graph after another: two that are linked at once could meet in a module that is not linked yet. */
  load(path) {
    const known = this.#modules.get(path);
    if (known !== undefined) return known;
    const loaded = this.#turn.then(() => this.#modules.get(path) ?? this.#load(path));
    this.#turn = loaded.catch(() => undefined);
    return loaded;
  }

  async #load(path) {
    const { esmLoader } = this.#runtime;
    const isModule = !isAbsolute(path) || this.#runtime.unstable_shouldLoadAsEsm(path);
    const module = await (isModule
      ? esmLoader.loadEsmModule(path)
      : esmLoader.loadCjsAsEsm(path, path, '', esmLoader.getContext()));
    await esmLoader.linkAndEvaluateModule(module);
    this.#modules.set(path, module);
    return module;
  }
}

/** For Jest, which requires this file. */
export const __esModule = true;

export default class SharingRuntime extends Runtime {
  constructor(config, environment, ...rest) {
    super(config, environment, ...rest);
    const { worker } = environment;
    if (worker === undefined) return;
    const shared = (worker.shared ??= new Shared(new Runtime(config, worker.realm, ...rest)));
    this.transformCache.sourceMaps = shared.sourceMaps;
    // A graph that is walked at once, as newer Nodes can, would not ask for the modules below.
    this._resolution.hasDistinctAsyncResolver = () => true;
    const { esmLoader } = this;
    const { loadEsmModule, loadCjsAsEsm } = esmLoader;
    esmLoader.loadEsmModule = (path, suffix = '') =>
      suffix === '' && isShared(path) ? shared.load(path) : loadEsmModule.call(esmLoader, path, suffix);
    esmLoader.loadCjsAsEsm = (from, path, suffix, context) =>
      suffix === '' && isShared(path) ? shared.load(path) : loadCjsAsEsm.call(esmLoader, from, path, suffix, context);
  }
}
