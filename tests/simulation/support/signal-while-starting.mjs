// Preloaded before the command line: the signal comes while the parts come up, between two of them.
import { OrderedParts } from '#src/services/runtime/parts-supervisor.js';

const { start } = OrderedParts.prototype;
OrderedParts.prototype.start = async function () {
  const begin = this.parts[2].start.bind(this.parts[2]);
  this.parts[2].start = async () => {
    process.kill(process.pid, 'SIGINT');
    await new Promise((resolve) => setTimeout(resolve, 50));
    await begin();
  };
  await start.call(this);
};
