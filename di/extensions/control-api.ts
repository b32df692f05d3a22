import { ControlApi } from '../../src/operator/api/control-api.js';
import type { ApiGateOptions } from '../../src/operator/api/api-gate.js';
import { HostClock } from '../../src/ports/configuration/clock.js';
import { Logger } from '../../src/ports/configuration/logger.js';
import { Redactor } from '../../src/ports/configuration/redactor.js';
import { OperatorControl } from '../../src/ports/core-services/operator-control.js';
import { LastDecisions } from '../../src/ports/runtime-state/runtime-state.js';
import { EventStore } from '../../src/ports/storage/event-store.js';
import type { BotContainer } from '../container.js';

/**
 * The API of one bot, for a server of the host's own. Nothing listens by it. Throws CFG-009 without tokens.
 */
export const controlApi = (bot: { readonly container: BotContainer }, options: ApiGateOptions): ControlApi =>
  new ControlApi(options, {
    control: bot.container.get(OperatorControl),
    events: bot.container.get(EventStore),
    decisions: bot.container.get(LastDecisions),
    redactor: bot.container.get(Redactor),
    clock: bot.container.get(HostClock),
    logger: bot.container.get(Logger),
  });
