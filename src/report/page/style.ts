/**
 * Colours of both themes. Series differ in dashes and shapes as well, and their hues are told apart in all common kinds
 * of colour blindness (after M. Okabe and K. Ito, "Color universal design", 2008, darkened or lightened for contrast).
 */
export const PALETTE = {
  light: {
    paper: '#ffffff',
    panel: '#f6f7f9',
    ink: '#1b1f24',
    quiet: '#545c66',
    rule: '#d5d9df',
    one: '#0063a6',
    two: '#b34700',
    three: '#00704f',
    four: '#8a3d78',
    gain: '#005e94',
    loss: '#a83f00',
    alarm: '#a11b12',
    caution: '#7a4d00',
    good: '#00634a',
  },
  dark: {
    paper: '#14171b',
    panel: '#1d2127',
    ink: '#e7eaee',
    quiet: '#a8b1bc',
    rule: '#3a414b',
    one: '#6bb8f2',
    two: '#f79a5e',
    three: '#4fcfa6',
    four: '#dd9fcb',
    gain: '#7cc3f7',
    loss: '#ffa26b',
    alarm: '#ff8f85',
    caution: '#ecc06a',
    good: '#66d9b4',
  },
} as const;

const variables = (theme: Readonly<Record<string, string>>): string =>
  Object.entries(theme)
    .map(([name, value]) => `--${name}:${value}`)
    .join(';');

/** The page's whole style: nothing is fetched, both themes, and A4 paper. */
export const STYLE = `
:root{color-scheme:light dark;${variables(PALETTE.light)}}
@media (prefers-color-scheme:dark){:root{${variables(PALETTE.dark)}}}
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%}
body{margin:0;background:var(--paper);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
main{max-width:72rem;margin:0 auto;padding:1.25rem 1rem 4rem}
h1{font-size:1.65rem;line-height:1.2;margin:0 0 .25rem}
h2{font-size:1.25rem;margin:3rem 0 1rem;padding-top:.75rem;border-top:2px solid var(--ink)}
h3{font-size:1rem;margin:1.75rem 0 .5rem}
p{margin:.4rem 0}
a{color:var(--one)}
.sub,.note,figcaption span,dt{color:var(--quiet)}
.note{font-size:.9rem;max-width:52rem}
code,pre,.mono{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.88em;overflow-wrap:anywhere}
pre{background:var(--panel);border:1px solid var(--rule);border-radius:6px;padding:.75rem 1rem;white-space:pre-wrap;margin:.5rem 0}
nav{display:flex;flex-wrap:wrap;gap:.1rem 1rem;margin:1rem 0 0;font-size:.9rem}
nav a{padding:.3rem 0}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:.6rem;margin:1.25rem 0 1rem}
.tile{background:var(--panel);border:1px solid var(--rule);border-radius:8px;padding:.7rem .85rem;min-width:0}
.tile b{display:block;font-size:1.35rem;line-height:1.25;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.tile span{font-size:.84rem;color:var(--quiet);display:block}
.tile span.gain,.tile span.loss,.tile b span{color:inherit;display:inline;font-size:inherit}
.tile b .gain,.gain{color:var(--gain)}
.tile b .loss,.loss{color:var(--loss)}
.badges{display:grid;grid-template-columns:repeat(auto-fit,minmax(12.5rem,1fr));gap:.5rem;list-style:none;margin:.5rem 0 0;padding:0}
.badges li{border:1px solid var(--rule);border-left:5px solid var(--quiet);border-radius:4px;padding:.4rem .65rem;font-size:.87rem;min-width:0;overflow-wrap:anywhere}
.badges b{display:block}
.badges .good{border-left-color:var(--good)}.badges .caution{border-left-color:var(--caution)}.badges .alarm{border-left-color:var(--alarm)}
.findings{list-style:none;margin:.75rem 0 0;padding:0}
.findings li{display:grid;grid-template-columns:5.6rem 1fr;gap:.75rem;padding:.45rem 0;border-bottom:1px solid var(--rule)}
.level{font-weight:600;font-size:.84rem;line-height:1.8}
.level.alarm{color:var(--alarm)}.level.caution{color:var(--caution)}.level.remark{color:var(--quiet)}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,27rem),1fr));gap:0 2rem}
.grid>*{min-width:0}
figure{margin:1.2rem 0 .8rem;min-width:0;break-inside:avoid}
figcaption{margin-bottom:.5rem}
figcaption span{font-size:.88rem;display:block}
.legend{display:flex;flex-wrap:wrap;gap:.15rem 1.25rem;list-style:none;margin:0 0 .5rem;padding:0;font-size:.86rem}
.legend li{display:flex;align-items:center;gap:.45rem}
.key{width:28px;height:8px;flex:none;display:inline-block}
.key.box{height:12px;border:1px solid var(--one)}
.key.dot{width:10px;height:10px}.key.dot.d1{border-radius:50%;background:var(--one)}.key.dot.d2{background:var(--two)}
.plot{position:relative;margin:.3rem 0 1.6rem 4.6rem;height:15rem}
.grid .plot{height:11.5rem}
.plot>svg{position:absolute;inset:0;width:100%;height:100%;overflow:visible}
.ys span{position:absolute;right:100%;transform:translateY(-50%);padding-right:.5rem;font-size:.78rem;white-space:nowrap;color:var(--quiet);font-variant-numeric:tabular-nums}
.xs span{position:absolute;top:100%;transform:translateX(-50%);padding-top:.3rem;font-size:.78rem;white-space:nowrap;color:var(--quiet);font-variant-numeric:tabular-nums}
path,rect{vector-effect:non-scaling-stroke}
svg .grid,svg .zero{stroke:var(--rule);stroke-width:1;fill:none}
svg .zero{stroke:var(--quiet)}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}
.s1{stroke:var(--one)}.s2{stroke:var(--two);stroke-dasharray:7 4}.s3{stroke:var(--three);stroke-dasharray:2 3}.s4{stroke:var(--four);stroke-dasharray:10 3 2 3}
.fill+.line{stroke-dasharray:none}.fill{stroke:none;opacity:.16}.f1{fill:var(--one)}.f2{fill:var(--two)}.f3{fill:var(--three)}.f4{fill:var(--four)}
.band{stroke:none;fill:var(--one)}.b1{opacity:.14;fill:var(--one);background:color-mix(in srgb,var(--one) 14%,transparent)}.b2{opacity:.3;fill:var(--one);background:color-mix(in srgb,var(--one) 40%,transparent)}
.legend .key.box{opacity:1}
.up{fill:var(--one)}.down{fill:var(--two)}
.dots{fill:none;stroke-width:7;opacity:.8}.dots.d1{stroke:var(--one);stroke-linecap:round}.dots.d2{stroke:var(--two);stroke-linecap:square;stroke-width:6}
.scroll{overflow-x:auto;margin:.5rem 0}
.scroll:focus-visible,summary:focus-visible,input:focus-visible,th button:focus-visible{outline:2px solid var(--one);outline-offset:2px}
table{border-collapse:collapse;width:100%;font-size:.87rem;font-variant-numeric:tabular-nums}
caption{text-align:left;color:var(--quiet);padding-bottom:.3rem}
th,td{padding:.28rem .6rem;vertical-align:top}
th:first-child,td:first-child{padding-left:0}th:last-child,td:last-child{padding-right:0}
th{text-align:left;font-weight:600;border-bottom:1.5px solid var(--ink);vertical-align:bottom}
td{border-bottom:1px solid var(--rule)}
#trades-list td{white-space:nowrap}#trades-list td:last-child{white-space:normal;min-width:11rem}
.n{text-align:right}
td.n,td:first-child code{white-space:nowrap}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:0 2rem;margin:.5rem 0}
.facts.wide{grid-template-columns:1fr}
.facts div{display:grid;grid-template-columns:minmax(8.5rem,11.5rem) 1fr;gap:.75rem;border-bottom:1px solid var(--rule);padding:.3rem 0;min-width:0}
.facts dd{margin:0;min-width:0;overflow-wrap:anywhere;font-variant-numeric:tabular-nums}
details{margin:.2rem 0 .5rem}
summary{cursor:pointer;color:var(--quiet);font-size:.87rem;padding:.25rem 0}
details .scroll{max-height:24rem;overflow:auto}
.switch{font-size:.88rem;display:inline-flex;align-items:center;gap:.4rem;margin-bottom:.4rem}
.switch~.log,.switch:has(input:checked)~.linear{display:none}
.switch:has(input:checked)~.log{display:block}
.heat td.h{text-align:right;white-space:nowrap;padding:.35rem .5rem;border:1px solid var(--paper)}
.heat table{width:auto}.heat th{padding:.3rem .5rem;text-align:right}.heat tbody th{text-align:left;border:0;padding-left:0}.heat td.h{min-width:4.6rem}
.search{display:none;margin:.5rem 0}
.js .search{display:block}
.search input{font:inherit;color:inherit;background:var(--paper);border:1px solid var(--quiet);border-radius:6px;padding:.4rem .6rem;width:min(100%,24rem)}
th button{all:unset;cursor:pointer}
th[aria-sort=ascending] button:after{content:" \\2191"}th[aria-sort=descending] button:after{content:" \\2193"}
footer{margin-top:3rem;color:var(--quiet);font-size:.87rem}
@media (max-width:40rem){
body{font-size:14.5px}
.plot{margin-left:3.7rem;height:12.5rem}
.xs span:nth-child(even){display:none}
.tiles{grid-template-columns:repeat(2,1fr)}
.findings li{grid-template-columns:1fr;gap:0}
.facts div{grid-template-columns:8.5rem 1fr}
}
@page{size:A4;margin:14mm 12mm}
@media print{
:root{color-scheme:light;${variables(PALETTE.light)}}
body{font-size:9.5pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}
nav,.switch,.search,details:not([open]){display:none!important}
h2{margin-top:1.5rem;break-after:avoid}h3,figcaption{break-after:avoid}
.plot{height:46mm}.grid .plot{height:36mm}
.grid{grid-template-columns:1fr 1fr}
.tiles{grid-template-columns:repeat(3,1fr)}
.facts.columns{grid-template-columns:1fr 1fr}
.grid .xs span:nth-child(even){display:none}
tr,.tile,.badges li,.findings li,figure,.facts div{break-inside:avoid}
thead{display:table-header-group}
.scroll{break-inside:avoid}.scroll:has(#trades-list),details .scroll{break-inside:auto}.long{break-before:page}
.scroll{overflow:visible}
table{font-size:8pt}th,td{padding:.15rem .35rem}
#trades-list{font-size:6.4pt}#trades-list th,#trades-list td{padding:.12rem .22rem}#trades-list td{white-space:normal}#trades-list td.n{white-space:nowrap}#trades-list td:last-child{min-width:0}
details .scroll{max-height:none}
}
`;
