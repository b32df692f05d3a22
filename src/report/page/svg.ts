import { escapeHtml, html, raw, type Html } from './html.js';
import { logTicks, numberTicks, timeTicks } from './scale.js';

/** Plots are drawn on this grid and stretched to the width there is; text stands outside it and keeps its size. */
/** Share of a plot in which a label in the middle of its tick might reach over the end. */
const EDGE = 0.08;
const WIDTH = 1_000;
const HEIGHT = 300;
/** Most places a line is drawn at; each keeps its lowest and highest value. */
const MOST_PLACES = 500;

export type ChartPoint = readonly [x: number, y: number | null];

export interface ChartLine {
  readonly name: string;
  readonly points: readonly ChartPoint[];
  /** 1 to 4: colour and dashes of the page's style. */
  readonly look: 1 | 2 | 3 | 4;
  /** Fills down to zero. */
  readonly area?: boolean;
}

/** The space between two lines. */
export interface Band {
  readonly name: string;
  readonly low: readonly ChartPoint[];
  readonly high: readonly ChartPoint[];
  readonly look: 1 | 2;
}

export interface Axes {
  readonly time?: boolean;
  readonly log?: boolean;
  /** Zero is always shown. */
  readonly zero?: boolean;
  /** `step`: from one tick to the next, so that as many digits are shown as tell them apart. */
  readonly y: (value: number, step: number) => string;
  readonly x?: (value: number, step: number) => string;
}

interface Frame {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
  readonly log: boolean;
}

const short = (value: number): string => String(Math.round(value * 10) / 10);
const placeX = (frame: Frame, x: number): number => ((x - frame.x0) / (frame.x1 - frame.x0)) * WIDTH;
const placeY = ({ y0, y1, log }: Frame, y: number): number =>
  HEIGHT - (log ? Math.log(y / y0) / Math.log(y1 / y0) : (y - y0) / (y1 - y0)) * HEIGHT;

/** Lines over time or number, with bands behind them. Unknown values (null) leave a gap. */
export function lineChart(lines: readonly ChartLine[], axes: Axes, bands: readonly Band[] = []): Html {
  const all = [...lines.map((line) => line.points), ...bands.flatMap((band) => [band.low, band.high])];
  const frame = frameOf(all, axes);
  if (frame === undefined) return nothing();
  const shapes = [
    ...bands.map((band) => `<path class="band b${band.look}" d="${bandPath(frame, band)}"/>`),
    ...lines.flatMap((line) => {
      const points = thin(line.points);
      const stroke = `<path class="line s${line.look}" d="${linePath(frame, points)}"/>`;
      return line.area === true
        ? [`<path class="fill f${line.look}" d="${areaPath(frame, points)}"/>`, stroke]
        : [stroke];
    }),
  ];
  const names = [
    ...lines.map((line) => legendLine(line.name, line.look)),
    ...bands.map((band) => html`<li><span class="key box b${band.look}"></span>${band.name}</li>`),
  ];
  return html`${names.length > 1 && html`<ul class="legend">${names}</ul>`}${plot(frame, axes, shapes)}`;
}

export interface Bar {
  readonly label: string;
  readonly value: number;
}

/** One bar a label, from zero; bars below zero have another colour and hang down. */
export function barChart(bars: readonly Bar[], y: Axes['y']): Html {
  if (bars.length === 0) return nothing();
  const values = bars.map((bar) => bar.value);
  const frame = padded(
    { x0: 0, x1: bars.length, y0: Math.min(0, ...values), y1: Math.max(0, ...values), log: false },
    false,
  );
  const base = placeY(frame, 0);
  const shapes = bars.map((bar, index) => {
    const top = placeY(frame, bar.value);
    return `<rect class="${bar.value < 0 ? 'down' : 'up'}" x="${short(placeX(frame, index + 0.12))}" y="${short(Math.min(top, base))}" width="${short((WIDTH / bars.length) * 0.76)}" height="${short(Math.max(Math.abs(top - base), 0.5))}"><title>${escapeHtml(`${bar.label}: ${y(bar.value, Math.abs(bar.value) / 100)}`)}</title></rect>`;
  });
  const every = Math.ceil(bars.length / 8);
  const labels = bars.flatMap((bar, index) =>
    index % every === 0 ? [{ share: (index + 0.5) / bars.length, label: bar.label }] : [],
  );
  return frameWith(frame, numberTicks(frame.y0, frame.y1, 4), y, shapes, labels);
}

export interface Dots {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Round or square, with a colour each. */
  readonly look: 1 | 2;
}

/** Points in two kinds that differ in shape and colour. */
export function scatterChart(kinds: readonly Dots[], axes: Axes): Html {
  const frame = frameOf(
    kinds.map((kind) => kind.points),
    axes,
  );
  if (frame === undefined) return nothing();
  const shapes = kinds.map(
    (kind) =>
      `<path class="dots d${kind.look}" d="${kind.points.map(([x, y]) => `M${short(placeX(frame, x))} ${short(placeY(frame, y))}h.01`).join('')}"/>`,
  );
  return html`<ul class="legend">${kinds.map((kind) => html`<li><span class="key dot d${kind.look}"></span>${kind.name}</li>`)}</ul>${plot(frame, axes, shapes)}`;
}

const legendLine = (name: string, look: number): Html =>
  html`<li><svg class="key" viewBox="0 0 28 8" aria-hidden="true"><path class="line s${look}" d="M1 4H27"/></svg>${name}</li>`;
const nothing = (): Html => html`<p class="note">Nothing to draw.</p>`;

function frameOf(series: readonly (readonly ChartPoint[])[], axes: Axes): Frame | undefined {
  let [x0, x1, y0, y1] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const points of series) {
    for (const [x, y] of points) {
      if (y === null || !Number.isFinite(y) || (axes.log === true && y <= 0)) continue;
      x0 = Math.min(x0, x);
      x1 = Math.max(x1, x);
      y0 = Math.min(y0, y);
      y1 = Math.max(y1, y);
    }
  }
  if (x0 > x1) return undefined;
  if (axes.zero === true) [y0, y1] = [Math.min(0, y0), Math.max(0, y1)];
  return padded({ x0, x1: x1 > x0 ? x1 : x0 + 1, y0, y1, log: axes.log === true }, axes.zero !== true);
}

/** Room above and below, so that no line lies on the edge; an axis that begins at zero keeps it. */
function padded(frame: Frame, below: boolean): Frame {
  const { y0, y1, log } = frame;
  if (log) {
    const room = Math.max((y1 / y0) ** 0.04, 1.0005);
    return { ...frame, y0: y0 / room, y1: y1 * room };
  }
  const room = (y1 - y0) * 0.06 || Math.abs(y1) * 0.01 || 1;
  return { ...frame, y0: below || y0 < 0 ? y0 - room : y0, y1: y1 > 0 || below ? y1 + room : y1 };
}

/** At most `MOST_PLACES` places, each with its lowest and highest value in their order. */
export function thin(points: readonly ChartPoint[]): readonly ChartPoint[] {
  if (points.length <= MOST_PLACES * 2) return points;
  const kept: ChartPoint[] = [];
  const size = points.length / MOST_PLACES;
  for (let place = 0; place < MOST_PLACES; place += 1) {
    const bucket = points.slice(Math.floor(place * size), Math.floor((place + 1) * size));
    let low: ChartPoint | undefined;
    let high: ChartPoint | undefined;
    for (const point of bucket) {
      if (point[1] === null) continue;
      if (low === undefined || point[1] < (low[1] as number)) low = point;
      if (high === undefined || point[1] > (high[1] as number)) high = point;
    }
    if (low === undefined || high === undefined) kept.push(bucket[0] as ChartPoint);
    else kept.push(...(low === high ? [low] : low[0] < high[0] ? [low, high] : [high, low]));
  }
  kept.push(points.at(-1) as ChartPoint);
  return kept;
}

/** The largest (or smallest) value of each of a few places: what a line that jumps up and down is drawn by. */
export function envelope(points: readonly ChartPoint[], pick: 'most' | 'least', places = 96): readonly ChartPoint[] {
  const count = Math.min(places, points.length);
  const kept: ChartPoint[] = [];
  for (let place = 0; place < count; place += 1) {
    const bucket = points.slice(
      Math.floor((place * points.length) / count),
      Math.floor(((place + 1) * points.length) / count),
    );
    const known = bucket.flatMap(([, y]) => (y === null ? [] : [y]));
    kept.push([
      (bucket[0] as ChartPoint)[0],
      known.length === 0 ? null : pick === 'most' ? Math.max(...known) : Math.min(...known),
    ]);
  }
  return kept;
}

function linePath(frame: Frame, points: readonly ChartPoint[]): string {
  let path = '';
  let pen = 'M';
  let before = '';
  for (const [x, y] of points) {
    if (y === null || !Number.isFinite(y)) {
      pen = 'M';
      continue;
    }
    const place = `${short(placeX(frame, x))} ${short(placeY(frame, y))}`;
    if (pen === 'M' || place !== before) path += pen + place;
    before = place;
    pen = 'L';
  }
  return path;
}

function areaPath(frame: Frame, points: readonly ChartPoint[]): string {
  const known = points.filter(([, y]) => y !== null);
  const [first] = known;
  const last = known.at(-1);
  if (first === undefined || last === undefined) return '';
  const base = short(placeY(frame, Math.min(Math.max(0, frame.y0), frame.y1)));
  return `M${short(placeX(frame, first[0]))} ${base}${linePath(frame, known).replace('M', 'L')}L${short(placeX(frame, last[0]))} ${base}Z`;
}

const bandPath = (frame: Frame, { low, high }: Band): string =>
  `${linePath(frame, high)}${linePath(frame, [...low].reverse()).replace('M', 'L')}Z`;

function plot(frame: Frame, axes: Axes, shapes: readonly string[]): Html {
  const ys = frame.log ? logTicks(frame.y0, frame.y1) : numberTicks(frame.y0, frame.y1, 4);
  const across = numberTicks(frame.x0, frame.x1, 6);
  const xs =
    axes.time === true
      ? timeTicks(frame.x0, frame.x1)
      : across.map((at) => ({ at, label: axes.x === undefined ? String(at) : axes.x(at, stepOf(across)) }));
  return frameWith(
    frame,
    ys,
    axes.y,
    shapes,
    xs.map(({ at, label }) => ({ share: placeX(frame, at) / WIDTH, label })),
  );
}

function frameWith(
  frame: Frame,
  ys: readonly number[],
  y: Axes['y'],
  shapes: readonly string[],
  xs: readonly { readonly share: number; readonly label: string }[],
): Html {
  const lines = ys.map(
    (tick) => `<path class="${tick === 0 ? 'zero' : 'grid'}" d="M0 ${short(placeY(frame, tick))}H${WIDTH}"/>`,
  );
  const top = (tick: number): string => short((placeY(frame, tick) / HEIGHT) * 100);
  return html`<div class="plot"><div class="ys" aria-hidden="true">${ys.map((tick) => html`<span style="top:${top(tick)}%">${y(tick, stepOf(ys))}</span>`)}</div><svg viewBox="0 0 ${WIDTH} ${HEIGHT}" preserveAspectRatio="none" role="presentation" focusable="false">${raw([...lines, ...shapes].join(''))}</svg><div class="xs" aria-hidden="true">${xs.map(({ share, label }) => html`<span style="${besides(share)}">${label}</span>`)}</div></div>`;
}

/** Labels at the ends stand within the plot: half of one beyond it would make the page wider than its paper. */
const besides = (share: number): string =>
  share > 1 - EDGE ? 'right:0;transform:none' : share < EDGE ? 'left:0;transform:none' : `left:${short(share * 100)}%`;

const stepOf = (ticks: readonly number[]): number => (ticks[1] ?? NaN) - (ticks[0] ?? NaN);

/** A chart with its title, what it shows, and the same as a table. */
export const chart = (title: string, hint: string, drawing: Html, data?: Html): Html =>
  html`<figure><figcaption><strong>${title}</strong> <span>${hint}</span></figcaption>${drawing}${data !== undefined && html`<details><summary>The data as a table</summary>${data}</details>`}</figure>`;
