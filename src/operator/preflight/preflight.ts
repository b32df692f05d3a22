import { messageOf, PerpsBotError } from '../../domain/errors.js';
import type { LimitProof, UntriedLimit } from './limit-proofs.js';

/** `unknown`: it cannot be told here, and the owner has taken it on himself. */
export interface PreflightCheck {
  readonly name: string;
  readonly state: 'ok' | 'unknown' | 'fail';
  readonly message: string;
  readonly fix?: string;
}

export interface PreflightReport {
  readonly passed: boolean;
  readonly venue: string;
  readonly environment: string;
  readonly checks: readonly PreflightCheck[];
  readonly limits: readonly LimitProof[];
  /** Limits that are configured and that no order can be made to break first. */
  readonly untried: readonly UntriedLimit[];
  /** Requests that were to order something: none has left, and none was to. */
  readonly heldBack: readonly string[];
}

/** Runs parts of a preflight one after the other; what throws has failed, and the next is looked at all the same. */
export class PreflightChecks {
  readonly done: PreflightCheck[] = [];

  ok(name: string, message: string): void {
    this.done.push({ name, state: 'ok', message });
  }

  unknown(name: string, message: string): void {
    this.done.push({ name, state: 'unknown', message });
  }

  fail(name: string, message: string, fix?: string): void {
    this.done.push({ name, state: 'fail', message, ...(fix === undefined ? {} : { fix }) });
  }

  async look(name: string, look: () => Promise<void> | void): Promise<void> {
    try {
      await look();
    } catch (error) {
      this.fail(name, messageOf(error), PerpsBotError.is(error) ? error.fix : undefined);
    }
  }
}
