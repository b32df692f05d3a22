import { NoTrace } from '../../src/platform/no-trace.js';
import { Sha256Trace } from '../../src/platform/sha256-trace.js';
import { Trace } from '../../src/ports/runtime-state/trace.js';
import type { Binder } from '../phase.js';

/** Equal input gives an equal digest. */
export const bindTrace = ({ bind }: Binder): void => void bind(Trace).to(Sha256Trace).inSingletonScope();

export const bindNoTrace = ({ bind }: Binder): void => void bind(Trace).to(NoTrace).inSingletonScope();
