import { describe, it } from '@jest/globals';
import { accountNews, buysTheDip, everyAnswer, oneRole } from '../../../docs/examples/bot-test.js';

describe('the tests of docs/testing.md', () => {
  it('run cycles by hand, and look at what was sent', () => buysTheDip());
  it('script every answer of an order', () => everyAnswer());
  it('push fills and events', () => accountNews());
  it('swap one role of the venue', () => oneRole());
});
