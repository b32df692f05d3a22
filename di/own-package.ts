import * as nodeModule from 'node:module';

/** What a strategy imports of this package, and the modules of the program that runs it. */
const OWN: Readonly<Record<string, string>> = {
  perpsbot: new URL('./index.js', import.meta.url).href,
  'perpsbot/testing': new URL('./testing.js', import.meta.url).href,
};

type Resolve = (specifier: string, context?: unknown) => { readonly url: string };
/** Of Node 22.15 and later: in the same thread, for `import` and `require`. */
type RegisterHooks = (hooks: { resolve(specifier: string, context: unknown, next: Resolve): unknown }) => void;

/** The same for a Node without them, whose hooks are a module of their own. */
const ASIDE = `let own;
export const initialize = (given) => { own = given; };
export async function resolve(specifier, context, next) {
  try { return await next(specifier, context); }
  catch (error) {
    if (!Object.hasOwn(own, specifier)) throw error;
    return { url: own[specifier], shortCircuit: true };
  }
}`;

let isLent = false;

/**
 * Lends this package to a file that finds none from where it lies: a strategy is a file of its own, wherever its owner
 * keeps it. One that finds a copy keeps that.
 */
export function lendPackage(file: string): void {
  if (isLent || finds(file)) return;
  isLent = true;
  const { registerHooks } = nodeModule as { registerHooks?: RegisterHooks };
  if (registerHooks === undefined) {
    nodeModule.register(`data:text/javascript,${encodeURIComponent(ASIDE)}`, import.meta.url, { data: OWN });
    return;
  }
  registerHooks({
    resolve: (specifier, context, next) => {
      try {
        return next(specifier, context);
      } catch (error) {
        const url = Object.hasOwn(OWN, specifier) ? OWN[specifier] : undefined;
        if (url === undefined) throw error;
        return { url, shortCircuit: true };
      }
    },
  });
}

function finds(file: string): boolean {
  try {
    nodeModule.createRequire(file).resolve('perpsbot');
    return true;
  } catch {
    return false;
  }
}
