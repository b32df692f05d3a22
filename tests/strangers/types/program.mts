import { Container } from 'inversify';
import { createBot, defineStrategy, Logger, Portfolio, type CreateBotOptions, type Token } from 'perpsbot';
import { FakeBroker, swap, testBot } from 'perpsbot/testing';

const options: CreateBotOptions = {
  parent: new Container(),
  strategies: [defineStrategy({ name: 'none', setup: () => ({}), onBar: ({ hold }) => hold('nothing') })],
  overrides: (container) => {
    container.rebind(Logger).toConstantValue(testBot().logger);
    // @ts-expect-error: a broker is no log
    swap(container, Logger, new FakeBroker());
  },
};
const token: Token<Portfolio> = Portfolio;
const equity: number = createBot(options).container.get(token).equity;
// @ts-expect-error: types are found, so that what is wrong does not compile
const wrong: string = equity;
export { equity, wrong };
