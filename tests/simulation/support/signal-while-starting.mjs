// Preloaded before the command line: the signal comes while the parts come up, between two of them.
import { OrderedPartsSupervisor } from '../../../.cache/modules/src/services/runtime/ordered-parts-supervisor.js';

const { start } = OrderedPartsSupervisor.prototype;
OrderedPartsSupervisor.prototype.start = async function () {
  const begin = this.parts[2].start.bind(this.parts[2]);
  this.parts[2].start = async () => {
    process.kill(process.pid, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await begin();
  };
  await start.call(this);
};
