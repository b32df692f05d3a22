/**
 * What tests of a bot, of a strategy and of a host stand on. It belongs to no runner of tests: Jest, Vitest and
 * `node --test` load it alike.
 */
export { testBot, TestBot, type TestBotOptions } from './testing/test-bot.js';
export { swap } from './testing/swap.js';
export { bars, type TestBar, type TestBars } from './testing/test-bars.js';
export type { TestTape } from './testing/test-tape.js';
export { runStrategy, type FaultedRun, type StrategyRun, type StrategyRunOptions } from './testing/strategy-run.js';
export type { RunReading, TestOrder } from './testing/run-record.js';
export type { Fault, FaultDuration, FaultKind, FaultReason, FaultStep, When } from './testing/faults/fault-step.js';
export { FakeBroker } from '../src/testing/fake-broker.js';
export type { FakeBrokerOptions } from '../src/testing/fake-venue.js';
export { FAKE_CAPABILITIES } from '../src/testing/fake-capabilities.js';
export { FakeStream } from '../src/testing/fake-stream.js';
export type { FakeAccount, OrderEnd } from '../src/testing/fake-account.js';
export type {
  Amount,
  Answer,
  AnswerOf,
  BrokerMember,
  CancelAnswer,
  FillPart,
  OrderAnswer,
} from '../src/testing/answers.js';
export type { BrokerCall } from '../src/testing/script.js';
export { ManualClock } from '../src/testing/manual-clock.js';
export { ManualScheduler } from '../src/testing/manual-scheduler.js';
export { RecordingLogger } from '../src/testing/recording-logger.js';
export { instrument, instrumentSpec } from '../src/testing/instruments.js';
export { settled } from '../src/testing/settled.js';
export { conformance } from './testing/conformance/conformance.js';
export { CONFORMANCE_IDS } from './testing/conformance/ids.js';
export { usdmSimulator } from './testing/conformance/usdm-simulator.js';
export type {
  AccountKey,
  AdapterRig,
  AnswerFlaw,
  OrderForm,
  ConformanceScenario,
  ConformingVenue,
  DrivenAccount,
  DrivenMarket,
  MarketAdapter,
  ScriptedAnswer,
  SimulatedWire,
  SimulatorRig,
  VenueSimulator,
} from './testing/conformance/contract.js';
export type { WireFault } from '../src/ports/venue/serving/wire-faults.js';
export type { HttpAnswer, HttpClient, HttpRequest } from '../src/ports/transport/http-client.js';
export type {
  HttpHandler,
  HttpReply,
  HttpServed,
  HttpServer,
  ServedRequest,
} from '../src/ports/transport/http-server.js';
export type { Listening, ListenOptions } from '../src/ports/transport/http-server.js';
export type { Socket, SocketClient, SocketOptions, SocketSink } from '../src/ports/transport/socket-client.js';
export type { ServedSocket, SocketAccept, SocketServer } from '../src/ports/transport/socket-server.js';
export type { WireEntry, WireLog } from '../src/ports/transport/wire-log.js';
