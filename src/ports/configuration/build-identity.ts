import { token } from '../../injection/token.js';

/** Which program runs: what was suspended under one is let go under another. */
export interface BuildIdentity {
  /** Of the code of this package; the same text for the same code. */
  readonly digest: string;
}
export const BuildIdentity = token<BuildIdentity>('BuildIdentity');
