import { injectable } from 'inversify';
import type { Random, RandomStream } from '../ports/configuration/random.js';
import { Sfc32 } from './sfc32.js';

/** Seeded random numbers: as many independent streams as names. Not for secrets. */
@injectable()
export class SeededRandom implements Random {
  stream(name: string, seed: number): RandomStream {
    return new Sfc32(`${seed}/${name}`);
  }
}
