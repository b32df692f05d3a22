// Preloaded before the command line: its parts do not finish stopping, so what is left to do is the second signal's.
import { OrderedParts } from '#src/services/runtime/parts-supervisor.js';

OrderedParts.prototype.stop = () => new Promise((resolve) => setTimeout(resolve, 60_000));
