// Preloaded before the command line: its parts do not finish stopping, so what is left to do is the second signal's.
import { OrderedPartsSupervisor } from '../../../.cache/modules/src/services/runtime/ordered-parts-supervisor.js';

OrderedPartsSupervisor.prototype.stop = () => new Promise((resolve) => setTimeout(resolve, 60_000));
