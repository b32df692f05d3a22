import type { BindToFluentSyntax } from 'inversify';
import { fault } from '../src/domain/errors.js';
import { tokenName, type Token } from '../src/injection/token.js';

/** What a phase may do to the container: bind, and ask what is bound. */
export interface Binder {
  readonly bind: <T>(token: Token<T>) => BindToFluentSyntax<T>;
  readonly isBound: (token: symbol) => boolean;
}

export interface PhaseDefinition {
  readonly name: PhaseName;
  /** Tokens of earlier phases without which this one makes no sense. Inversify alone would notice only at first use. */
  readonly requires: readonly symbol[];
  bind(binder: Binder): void;
}

/** The builder's sequence, as `ls di/modules` shows it. */
export const PHASES = [
  'configuration',
  'runtime-state',
  'storage',
  'core-services',
  'market-data',
  'accounting',
  'market-services',
  'streaming',
] as const;
/**
 * Phases that a host may add after the eight: for those who watch. They may need all eight; none of the eight needs
 * them.
 */
export const EXTENSIONS = ['operator'] as const;

export type BuilderPhase = (typeof PHASES)[number];
export type PhaseName = BuilderPhase | (typeof EXTENSIONS)[number];
const SEQUENCE: readonly PhaseName[] = [...PHASES, ...EXTENSIONS];

/** Position in the sequence, from 1. */
export const phaseNumber = (name: PhaseName): number => SEQUENCE.indexOf(name) + 1;

/** Every phase there can be, in order. */
export const phaseNames = (): readonly PhaseName[] => SEQUENCE;

export interface Phase {
  readonly name: PhaseName;
  load(binder: Binder): void;
}

/** A phase that throws DI-001 when something it needs is not bound yet. */
export function phase(definition: PhaseDefinition): Phase {
  return {
    name: definition.name,
    load(binder) {
      const missing = definition.requires.filter((token) => !binder.isBound(token));
      if (missing.length > 0) {
        throw fault(
          'DI-001',
          `Phase ${definition.name} needs ${missing.map((token) => tokenName(token)).join(', ')} bound in an earlier phase.`,
          {
            fix: 'Load the phases in the order of di/modules, or bind the token in the world.',
          },
        );
      }
      definition.bind(binder);
    },
  };
}

/**
 * What a world adds to each phase: the few bindings by which live, paper and backtest differ. Loaded before the phase.
 */
export type WorldBindings = { readonly [Name in BuilderPhase]?: (binder: Binder) => void };
