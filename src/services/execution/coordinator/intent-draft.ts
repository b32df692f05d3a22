import { hasTrigger, type OrderOptions } from '../../../domain/order.js';
import type { ExecutionSettings } from '../../../ports/configuration/settings/execution-settings.js';
import type { OrderIntent } from '../../../ports/core-services/risk-manager.js';
import type { NamedIntent } from '../../../ports/strategy/intent.js';
import { intentIdOf } from '../orders/signal-id.js';

export type IntentDraft = { -readonly [K in keyof OrderIntent]: OrderIntent[K] };

/** The order that an intent asks for: what it leaves open is filled in, nothing else is changed. */
export function intentDraft(
  wanted: NamedIntent,
  now: number,
  { timeInForce, postOnly }: Pick<ExecutionSettings, 'timeInForce' | 'postOnly'>,
  mayOnlyReduce: boolean,
): IntentDraft {
  const { instrument, side, type, lots, instance, tag, nth, role, strategy, values, kept, why } = wanted;
  const rests = type === 'limit';
  const more = { ...(values === undefined ? {} : { values }), ...(kept === undefined ? {} : { kept }) };
  const asked = { instance, tag, nth, role, ...more };
  const draft: IntentDraft = {
    instrument,
    side,
    type,
    lots,
    timeInForce: wanted.timeInForce ?? (rests || hasTrigger(type) ? 'GTC' : timeInForce),
    postOnly: wanted.postOnly ?? (rests && postOnly),
    reduceOnly: wanted.reduceOnly === true || mayOnlyReduce,
    signalId: intentIdOf(asked),
    origin: { strategy, reason: why, decidedAt: now, asked },
  };
  if (wanted.limit !== undefined) draft.limit = wanted.limit;
  if (wanted.stop !== undefined) draft.stop = wanted.stop;
  if (wanted.triggerBy !== undefined) draft.triggerBy = wanted.triggerBy;
  if (wanted.leverage !== undefined) draft.leverage = wanted.leverage;
  if (wanted.within !== undefined) draft.within = wanted.within;
  const options = optionsOf(wanted);
  if (options !== undefined) draft.options = options;
  return draft;
}

function optionsOf({
  goodTill,
  closePosition,
  positionSide,
  trailBps,
  activation,
}: NamedIntent): OrderOptions | undefined {
  const options = {
    ...(goodTill === undefined ? {} : { goodTill }),
    ...(trailBps === undefined ? {} : { trailBps }),
    ...(activation === undefined ? {} : { activation }),
    ...(closePosition === undefined ? {} : { closePosition }),
    ...(positionSide === undefined ? {} : { positionSide }),
  };
  return Object.keys(options).length === 0 ? undefined : options;
}
