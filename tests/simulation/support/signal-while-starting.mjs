// Preloaded before the command line: the signal comes while the parts come up, between two of them.
import { OrderedPartsSupervisor } from '../../../.cache/modules/src/services/runtime/ordered-parts-supervisor.js';

const { start } = OrderedPartsSupervisor.prototype;
OrderedPartsSupervisor.prototype.start = async function () {
  const begin = this.parts[2].start.bind(this.parts[2]);
  this.parts[2].start = async () => {
    // A busy machine hears a signal late: the parts go on once it has come.
    const heard = new Promise((resolve) => process.once('SIGINT', resolve));
    process.kill(process.pid, 'SIGINT');
    await heard;
    await begin();
  };
  await start.call(this);
};
