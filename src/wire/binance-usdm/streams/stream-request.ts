/** A message of a client. */
export type StreamRequest =
  | { readonly method: 'SUBSCRIBE' | 'UNSUBSCRIBE'; readonly names: readonly string[]; readonly id: RequestId }
  | { readonly method: 'LIST_SUBSCRIPTIONS'; readonly id: RequestId }
  | { readonly method: 'SET_PROPERTY'; readonly isCombined: boolean; readonly id: RequestId }
  | { readonly method: 'GET_PROPERTY'; readonly id: RequestId };

export type RequestId = number | string | null;

const METHODS = ['SUBSCRIBE', 'UNSUBSCRIBE', 'LIST_SUBSCRIPTIONS', 'SET_PROPERTY', 'GET_PROPERTY'] as const;

/** A message that means nothing. */
export class StreamRefusal extends Error {
  override readonly name = 'StreamRefusal';

  constructor(
    readonly code: number,
    message: string,
    readonly id: RequestId = null,
  ) {
    super(message);
  }
}

/** Throws a `StreamRefusal`. Source: Binance, "Live Subscribing/Unsubscribing to streams". */
export function streamRequest(text: string): StreamRequest {
  const message = parsed(text);
  const id = idOf(message['id']);
  const method = METHODS.find((each) => each === message['method']);
  if (message['method'] === undefined) throw new StreamRefusal(2, 'Invalid request: missing field `method`', id);
  if (method === undefined)
    throw new StreamRefusal(
      2,
      `Invalid request: unknown variant ${JSON.stringify(message['method'])}, expected one of ${METHODS.join(', ')}`,
      id,
    );
  const params: unknown = message['params'];
  switch (method) {
    case 'LIST_SUBSCRIPTIONS':
      return { method, id };
    case 'GET_PROPERTY':
      assertCombined(params, id);
      return { method, id };
    case 'SET_PROPERTY': {
      assertCombined(params, id);
      const [, isCombined] = params as readonly unknown[];
      if (typeof isCombined !== 'boolean') throw new StreamRefusal(1, 'Invalid value type: expected Boolean', id);
      return { method, isCombined, id };
    }
    default:
      if (!Array.isArray(params) || !params.every((name): name is string => typeof name === 'string'))
        throw new StreamRefusal(2, 'Invalid request: params must be a list of stream names', id);
      return { method, names: params, id };
  }
}

function parsed(text: string): Readonly<Record<string, unknown>> {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    throw new StreamRefusal(3, 'Invalid JSON');
  }
  if (typeof message !== 'object' || message === null || Array.isArray(message))
    throw new StreamRefusal(3, 'Invalid JSON: expected an object');
  return message as Readonly<Record<string, unknown>>;
}

function idOf(id: unknown): RequestId {
  if (id === undefined || id === null) return null;
  if (typeof id === 'string' || (Number.isSafeInteger(id) && (id as number) >= 0)) return id as number | string;
  throw new StreamRefusal(2, 'Invalid request: request ID must be an unsigned integer');
}

function assertCombined(params: unknown, id: RequestId): void {
  if (!Array.isArray(params) || params[0] !== 'combined') throw new StreamRefusal(0, 'Unknown property', id);
}
