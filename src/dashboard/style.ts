// The one style sheet. Its tokens come first: colours by their use, for light and dark, sizes of text, steps of space.

export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #fbfbfa; --surface: #ffffff; --line: #e4e4e0; --edge: #85857e;
  --ink: #1c1c1a; --soft: #5b5b55; --accent: #2552c4; --on-accent: #ffffff;
  --good: #17693f; --bad: #b3261e; --people: #2552c4; --machines: #85857e; --sent: #5b6f9e; --faint: #8e8e87;
  --small: 0.8125rem; --text: 0.9375rem; --big: 1.125rem; --huge: 1.375rem;
  --s1: 0.25rem; --s2: 0.5rem; --s3: 0.75rem; --s4: 1rem; --s5: 1.5rem; --s6: 2.5rem;
  font: var(--text)/1.5 system-ui, "Hiragino Sans", "Noto Sans JP", sans-serif;
  color: var(--ink); background: var(--ground); accent-color: var(--accent);
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ground: #131316; --surface: #1b1b1f; --line: #313137; --edge: #7f7f89;
    --ink: #ececea; --soft: #adadb4; --accent: #8fb2ff; --on-accent: #0d1530;
    --good: #6cc795; --bad: #ff9489; --people: #8fb2ff; --machines: #85858f; --sent: #8b9cc4; --faint: #777780;
  }
}
*, ::before, ::after { box-sizing: border-box }
body { margin: 0; min-width: 0; overflow-wrap: break-word; word-break: auto-phrase }
h1, h2 { margin: 0; line-height: 1.3; text-wrap: balance }
h1 { font-size: var(--huge); font-weight: 650 }
h2 { font-size: var(--text); font-weight: 650 }
p { margin: 0 }
a { color: var(--accent); text-underline-offset: 0.15em; text-decoration-thickness: 1px }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px }
main:focus { outline: none }
.soft { color: var(--soft) }
.skip { position: absolute; left: -999px }
.skip:focus { left: var(--s2); top: var(--s2); padding: var(--s2); background: var(--surface); z-index: 1 }

.top { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4); padding: var(--s2) var(--s5);
  background: var(--surface); border-bottom: 1px solid var(--line) }
.brand { font-weight: 700; color: var(--ink); text-decoration: none; letter-spacing: -0.01em }
.top nav { display: flex; flex-wrap: wrap; gap: var(--s1) }
.top nav a, .spans a { padding: var(--s1) var(--s2); border-radius: 6px; color: var(--soft); text-decoration: none }
.top nav a:hover, .spans a:hover { color: var(--ink); text-decoration: underline }
.top nav a[aria-current], .spans a[aria-current] { color: var(--ink); font-weight: 600; background: var(--ground); box-shadow: inset 0 0 0 1px var(--edge) }
.search { flex: 1 1 14rem; max-width: 24rem; margin-inline-start: auto }
.search input { width: 100% }
.out { display: flex; align-items: center; gap: var(--s2); font-size: var(--small); min-width: 0 }
.out span { overflow-wrap: anywhere }
main { max-width: 74rem; margin: 0 auto; padding: var(--s5); display: grid; gap: var(--s5); grid-template-columns: minmax(0, 1fr) }
main.gate { max-width: 26rem; padding-top: 12vh; gap: var(--s4) }
section { display: grid; gap: var(--s3); grid-template-columns: minmax(0, 1fr) }
.title { display: flex; flex-wrap: wrap; gap: var(--s3); align-items: center; justify-content: space-between }

input, select, textarea, button, .button { font: inherit; color: inherit; border: 1px solid var(--edge); border-radius: 6px;
  background: var(--surface); padding: 0.3rem 0.6rem; max-width: 100%; min-height: 2.125rem }
textarea { width: 100%; resize: vertical }
input[type=checkbox] { min-height: 0; width: 1.05rem; height: 1.05rem; vertical-align: -0.15rem }
::placeholder { color: var(--soft); opacity: 1 }
button, .button { cursor: pointer; text-decoration: none; display: inline-block; font-weight: 550 }
button:hover, .button:hover { border-color: var(--ink) }
button.main, .button.main { background: var(--accent); border-color: var(--accent); color: var(--on-accent) }
button.danger { color: var(--bad); border-color: var(--bad) }
button.plain { border-color: transparent; background: none; color: var(--accent); padding-inline: var(--s1); font-weight: 400 }
button.copied::after { content: " ✓" }
.field { display: grid; gap: var(--s1) }
.field label { font-weight: 550 }
.field input, .field select { width: 100% }
.hint { font-size: var(--small); color: var(--soft) }
.wrong { font-size: var(--small); color: var(--bad) }
[aria-invalid=true] { border-color: var(--bad); border-width: 2px }
.sheet { display: grid; gap: var(--s4); max-width: 34rem; justify-items: start }
.sheet > .field, .sheet > details { width: 100% }
.sheet details .field { margin-top: var(--s3) }
.inline { display: flex; flex-wrap: wrap; gap: var(--s2) var(--s3); align-items: center; font-size: var(--small); color: var(--soft) }
.inline label { display: flex; flex-wrap: wrap; gap: var(--s1); align-items: center }
.choice { display: flex; flex-wrap: wrap; gap: var(--s3) var(--s5); align-items: center; justify-content: space-between }
.spans { display: flex; flex-wrap: wrap; gap: var(--s1); font-size: var(--small) }
summary { cursor: pointer; color: var(--accent); font-size: var(--small); width: fit-content }
details[open] > summary { margin-bottom: var(--s3) }
.confirm summary { font-size: var(--text) }
.act { display: inline }

.note { padding: var(--s3) var(--s4); border: 1px solid var(--edge); border-radius: 8px; background: var(--surface); max-width: 46rem }
.note.bad { border-color: var(--bad); border-left-width: 4px }
.note.good { border-color: var(--good); border-left-width: 4px }
.top + .note { margin: var(--s4) auto 0 }
.theirs, .code { overflow-wrap: anywhere; unicode-bidi: isolate }
.code { word-break: break-all; font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: 0.92em }
.code.big { font-size: var(--big) }
.copyable { display: flex; flex-wrap: wrap; gap: var(--s2); align-items: center }
pre { margin: 0; padding: var(--s3); overflow: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); font-size: var(--small) }
pre.theirs { white-space: pre-wrap }

.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 8px; background: var(--surface) }
table { border-collapse: collapse; width: 100%; font-size: var(--small); font-variant-numeric: tabular-nums }
th, td { text-align: start; padding: 0.4rem var(--s3); border-bottom: 1px solid var(--line); vertical-align: top; font-weight: 400; min-width: 4.5rem; max-width: 26rem }
td.long { min-width: 14rem }
thead th { color: var(--soft); font-weight: 550; white-space: nowrap }
tbody tr:last-child > * { border-bottom: 0 }
time { white-space: nowrap }
.state { white-space: nowrap; font-weight: 550 }
.state.fail { color: var(--bad) }
.state.delivered { color: var(--good) }
.lines { list-style: none; margin: 0; padding: 0; display: grid; gap: var(--s1) }
.lines time { font-variant-numeric: tabular-nums }
.phone { width: 100%; max-width: 24rem; height: 26rem; border: 1px solid var(--edge); border-radius: 8px; background: var(--surface) }
.pins { display: flex; flex-wrap: wrap; align-items: center; gap: var(--s2) var(--s4) }
.sum > * { font-weight: 600; border-block-start: 1px solid var(--edge) }
.facts { display: grid; grid-template-columns: minmax(6rem, max-content) minmax(0, 1fr); gap: var(--s1) var(--s4); margin: 0 }
.facts dt { color: var(--soft) }
.facts dd { margin: 0; min-width: 0 }
.columns { display: flex; flex-wrap: wrap; gap: var(--s5); justify-content: space-between }
.columns > div { flex: 1 1 20rem; min-width: 0; display: grid; gap: var(--s4); align-content: start }
.qr { margin: 0; font-size: var(--small) }
.qr img { display: block; background: #fff; border-radius: 6px }
.line { list-style: none; margin: 0; padding: 0; border-inline-start: 2px solid var(--line) }
.line li { display: flex; flex-wrap: wrap; gap: var(--s1) var(--s4); padding: var(--s1) var(--s4) }
.line li > :first-child { flex: 0 0 4.5rem; font-variant-numeric: tabular-nums }
.line li > :last-child { flex: 1 1 12rem; min-width: 0 }

.checks, .checks ul { list-style: none; margin: 0; padding: 0 }
.checks { display: grid; gap: 1px; border: 1px solid var(--line); border-radius: 8px; background: var(--line); overflow: hidden }
.checks > li { padding: var(--s3) var(--s4); background: var(--surface); display: grid; gap: var(--s1) }
.checks ul { font-size: var(--small); color: var(--soft) }

.numbers { display: grid; grid-template-columns: repeat(auto-fit, minmax(9.5rem, 1fr)); margin: 0; border: 1px solid var(--line); border-radius: 8px; background: var(--surface); overflow: hidden }
.numbers > div { padding: var(--s3) var(--s4); display: flex; flex-direction: column; justify-content: space-between; gap: var(--s1); box-shadow: 1px 0 0 var(--line), 0 1px 0 var(--line) }
.numbers dt { font-size: var(--small); color: var(--soft) }
.numbers dd { margin: 0; font-size: var(--huge); font-weight: 600; font-variant-numeric: tabular-nums; line-height: 1.2 }
.numbers dd .soft { font-size: var(--small); font-weight: 400 }
.pictures { display: grid; align-items: stretch; gap: var(--s4); grid-template-columns: repeat(auto-fit, minmax(min(100%, 28rem), 1fr)) }
.figure { align-content: start; padding: var(--s4); border: 1px solid var(--line); border-radius: 8px; background: var(--surface) }
.figure .says { min-height: 3em }
.legend, .rows { font-size: var(--small); color: var(--soft) }
.picture svg { display: block; overflow: visible }
.picture.sided { display: grid; grid-template-columns: 3rem minmax(0, 1fr) }
.picture text { font-size: 12px; fill: var(--soft) }
.picture .mid { text-anchor: middle }
.picture .last { text-anchor: end }
.grid { stroke: var(--line); vector-effect: non-scaling-stroke }
.base { stroke: var(--edge); vector-effect: non-scaling-stroke }
.line.people, .faint { fill: none; vector-effect: non-scaling-stroke }
path.people { stroke: var(--people); stroke-width: 2.5 }
path.faint { stroke: var(--faint); stroke-width: 1 }
.dot.people, rect.people { fill: var(--people) }
rect.machines { fill: var(--machines) }
rect.sent { fill: var(--sent) }
rect.whole { fill: var(--line) }
rect.hatch { fill: var(--ink) }
rect.unfinished { fill: url(#unfinished); stroke: var(--people); vector-effect: non-scaling-stroke }
rect.machines.unfinished { stroke: var(--machines) }
.bar { display: block; border-radius: 3px }
.steps, .steps ul { list-style: none; margin: 0; padding: 0 }
.steps { display: grid; gap: var(--s3) }
.steps p, .steps ul li { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 var(--s3) }
.steps ul { font-size: var(--small); color: var(--soft); padding-block-start: var(--s1) }
.steps ul li > :first-child { flex: 1 1 10rem; min-width: 0 }
.count { font-variant-numeric: tabular-nums; font-weight: 550 }
.steps ul .count { font-weight: 400 }

@media (max-width: 40rem) {
  main { padding: var(--s4) }
  .top { padding: var(--s2) var(--s4) }
  .top nav { gap: 0 }
  .top nav a { font-size: var(--small); padding-inline: 0.4rem }
  .search { max-width: none; margin: 0; order: 1; flex-basis: 100% }
}
@media (forced-colors: active) {
  .picture text { fill: CanvasText }
  path.people, path.faint, .grid, .base { stroke: CanvasText }
  path.faint, .grid { stroke: GrayText }
  .dot.people, rect.people { fill: LinkText }
  path.people { stroke: LinkText }
  rect.machines, rect.sent, rect.hatch { fill: CanvasText }
  rect.whole { fill: Canvas; stroke: CanvasText }
  rect.unfinished { fill: url(#unfinished); stroke: LinkText }
  button.main, .button.main { forced-color-adjust: none; background: ButtonFace; color: ButtonText; border-color: ButtonText }
}
@media (prefers-reduced-motion: no-preference) {
  a, button { transition: color 0.1s, border-color 0.1s }
}
@media print {
  .top nav, .search, .out, .choice, .rows, .pins, form, .skip, summary { display: none }
  :root { color-scheme: light }
  .scroll { overflow: visible }
  thead { display: table-header-group }
  main { max-width: none; padding: 0 }
  .figure, .scroll, .numbers { break-inside: avoid; background: none }
}
`;
