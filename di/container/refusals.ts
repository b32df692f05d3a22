import { fault, type PerpsBotError } from '../../src/domain/errors.js';

/** What a bot's container answers to what it does not do. */
export const sealed = (
  what: string,
  why = 'Services that were already built would keep the old instance.',
): PerpsBotError =>
  fault('DI-007', `${what} must be bound, rebound or unbound before the container's first use.`, {
    why,
    fix: 'Pass it in createBot({ overrides }), or change it right after compose().',
  });

export const unknown = (name: string, done: string): PerpsBotError =>
  fault('DI-001', `${name} must be bound before it is ${done}.`, {
    fix: 'Check the token; see TOKENS for what can be rebound.',
  });

export const givenUp = (name: string): PerpsBotError =>
  fault('DI-001', `${name} must be bound, was unbound: neither the bot nor its host has it.`, {
    why: 'Inversify would keep for this container that there is none, and hand out past the bot what comes later.',
    fix: 'Bind it in createBot({ overrides }), or in the host before anything is asked for.',
  });

export const collecting = (name: string, done: string): PerpsBotError =>
  fault('DI-011', `${name} must not be ${done}: it collects from every phase.`, {
    why: 'Parts, tasks, status lines or strategies of the bot would be gone, silently.',
    fix: `Add with bind(${name}); replace a single one by rebinding its own token, such as RuntimeGuardsTask.`,
  });

export const noPlugins = (name: string): PerpsBotError =>
  fault('DI-007', `A plugin must not be registered with a bot's container, was ${name}.`, {
    why: 'It is handed the bindings themselves, behind the seal.',
    fix: "Register it with the host's container.",
  });

export const otherCopy = (): PerpsBotError =>
  fault('DI-014', 'The parent must be a Container of the copy of inversify that the bot uses.', {
    why: 'Neither sees what is bound with the other. Loaded as CommonJS alone, this package brings a copy of its own.',
    fix: 'Install one copy for both: npm ls inversify shows them, npm dedupe joins them. Under Jest without ES modules lend single services in createBot({ overrides }).',
  });

export const ofAnotherCopy = (name: string): PerpsBotError =>
  fault('PKG-003', `${name} must be a token of the copy of perpsbot that made the bot, is one of another copy.`, {
    why: 'Each copy has its own tokens and classes; a binding of the other would never be used.',
    fix: 'Install one copy: npm ls perpsbot shows them, npm dedupe joins them.',
  });

export const ambiguous = (name: string): PerpsBotError =>
  fault('DI-009', `${name} must have one binding in the host's container, has several.`, {
    fix: `Point to the one that is meant: container.rebind(${name}).toService(…).`,
  });

export const notTheirs = (name: string): PerpsBotError =>
  fault('DI-007', `${name} must not be unbound by a container that does not bind it.`, {
    why: 'Inversify would take down the object that the bot uses.',
    fix: 'Bind it in the child beside it: bind() instead of rebind().',
  });
