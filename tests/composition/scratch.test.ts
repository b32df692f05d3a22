import { describe, expect, it } from '@jest/globals';
import { NestFactory } from '@nestjs/core';
import { createDipBot } from '../../docs/examples/own-strategy.js';
import { tradeOnce } from '../../docs/examples/plain.js';
import { boot } from '../../docs/examples/inversify-host.js';
import { AppModule, EquityReport } from '../../docs/examples/nest.js';
import { RecordingLogger } from '../support/logger.js';
describe('scratch', () => {
  it('runs', async () => {
    const lines: string[] = [];
    await tradeOnce((l) => lines.push(l));
    process.stderr.write(lines.join('\n') + '\n');
    const bot = createDipBot();
    const fills: string[] = [];
    bot.portfolio.onFill((f) => fills.push(f.side));
    await bot.run({ cycles: 60 });
    process.stderr.write(fills.join() + '\n');
    const log = new RecordingLogger();
    const h = boot(log);
    process.stderr.write(JSON.stringify(h.bot.composition.verify()) + '\n');
    await h.bot.run({ cycles: 2 });
    process.stderr.write(JSON.stringify(log.lines) + '\n');
    const app = await NestFactory.createApplicationContext(AppModule, { logger: false });
    process.stderr.write(app.get(EquityReport).text() + '\n');
    await app.close();
    expect(1).toBe(1);
  });
});
