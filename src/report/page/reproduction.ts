import type { Analysis } from '../analysis.js';
import type { RunOrigin } from '../run-record.js';
import { facts, html, note, section, table, type Cell, type Html } from './html.js';

/** Settings whose meaning deserves words of its own. */
const ASSUMPTIONS: readonly (readonly [setting: string, name: string])[] = [
  ['simulation.equity', 'Equity at start'],
  ['simulation.barHalfSpread', 'Half spread on bars'],
  ['simulation.maxVolumeShare', "Largest share of a bar's volume"],
  ['simulation.matching.barPath', 'Path inside a bar'],
  ['simulation.matching.queue', 'Place in the queue'],
  ['simulation.latency.order', 'Latency to the venue'],
  ['simulation.latency.response', 'Latency back'],
  ['simulation.latency.file', 'Latency drawn from'],
  ['simulation.margin.mode', 'Margin'],
  ['simulation.margin.liquidation', 'Liquidation'],
  ['simulation.margin.liquidationFee', 'Fee of a liquidation'],
];

/** Which strategy it is stands for itself. */
const STRATEGY = /^strategy\.(?!name$|file$)/;

/** What the result rests on, and how to get it again. */
export function reproductionSection({ run }: Analysis): Html {
  const { result, origin, notes } = run;
  const instrument = (result['instrument'] ?? {}) as Readonly<Record<string, string>>;
  const parameters = Object.entries((result['parameters'] ?? {}) as Readonly<Record<string, string>>);
  // Of several instruments the result describes the first.
  const [first = '', ...others] = result.symbol.split(',');
  const whose = others.length === 0 ? '' : ` of ${first}`;
  const setting = (name: string): Cell => {
    const value = origin.settings[name];
    return value === undefined || value === null
      ? null
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value).replace(/_/g, ' ');
  };
  const funding = notes.some(({ code }) => code === 'W-FUND-001')
    ? 'not simulated'
    : `${result.fundings.length} stamps from the funding file`;
  return section(
    'reproduction',
    'Assumptions and reproduction',
    facts([
      [
        `Fees${whose}`,
        `maker ${instrument['makerFee'] ?? 'not known'}, taker ${instrument['takerFee'] ?? 'not known'} of notional`,
      ],
      ...ASSUMPTIONS.flatMap(([name, title]): (readonly [string, Cell])[] =>
        origin.settings[name] === undefined ? [] : [[title, setting(name)]],
      ),
      ['Funding', funding],
      [`Tick and step${whose}`, `${instrument['tick'] ?? '?'} and ${instrument['step'] ?? '?'}`],
      ['Warm-up', `${result.warmup} bars`],
    ]),
    note(
      'What is decided at the close of a bar fills at the next open at the earliest. See docs/architecture.md for the path inside a bar.',
    ),
    notes.length > 0 &&
      html`<h3>Notes of the run</h3>${table(
        ['Code', 'Note'],
        notes.map(({ code, message }) => [html`<code>${code}</code>`, message]),
      )}`,
    html`<h3>Reproduction</h3>`,
    facts(
      [
        ['Data', result.data.source ?? 'not named'],
        ['Data fingerprint', html`<span class="mono">${result.data.fingerprint}</span>`],
        ['Trace', html`<span class="mono">${result.traceHash}</span>`],
        ['Configuration', html`<span class="mono">${origin.configurationHash}</span> (profile ${origin.profile})`],
        ['Build', `${origin.build}, Node ${origin.node}`],
        ['Seed', JSON.stringify(result['seed'] ?? null)],
        ['Strategy', strategyCell(result.strategy, origin.strategyFile)],
        [
          'Parameters',
          parameters.length === 0 ? 'as configured' : parameters.map(([name, value]) => `${name}=${value}`).join(', '),
        ],
        ['Settings of the strategy', settingsText(origin.settings)],
        ['Saved', origin.savedAt],
      ],
      'wide',
    ),
    html`<p>This command gives the same trace:</p><pre><code>${origin.command}</code></pre>`,
  );
}

function strategyCell(name: string, file: RunOrigin['strategyFile']): Cell {
  return file === undefined
    ? `${name}, registered by its name`
    : html`${name}, ${file.path} <span class="mono">SHA-256 ${file.sha256}</span>`;
}

/** What was in force, whoever said it: defaults too. */
function settingsText(settings: RunOrigin['settings']): string {
  const own = Object.entries(settings).flatMap(([path, value]) =>
    STRATEGY.test(path) && value !== null && value !== ''
      ? [`${path.replace(STRATEGY, '')}=${typeof value === 'object' ? JSON.stringify(value) : String(value)}`]
      : [],
  );
  return own.length === 0 ? 'none' : own.join(', ');
}
