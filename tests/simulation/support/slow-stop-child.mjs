// The command line with a bot that does not finish stopping: what is left to do then is the second signal's.
import { cliHost } from '#di/cli-host.js';
import { runCli } from '#src/cli/main.js';

const host = cliHost();
const createBot = async (request) => {
  const bot = await host.createBot(request);
  return { ...bot, stop: () => new Promise((resolve) => setTimeout(resolve, 60_000)) };
};
process.exitCode = await runCli(process.argv.slice(2), { ...host, createBot });
