/**
 * The report's style sheet. Series colours are those of Okabe and Ito, which stay apart for the common colour blindnesses, darkened
 * for paper and lightened for dark screens.
 */
export const STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1b1f24; --soft: #57606a; --rule: #d0d7de; --wash: #f6f8fa; --bad: #a40e26; --good: #116329;
  --series-0: #0072b2; --series-1: #d55e00; --series-2: #008a63; --series-3: #b8509a; --series-4: #b98700; --series-5: #3a9bd1; --series-6: #6a4fb3;
  --phase-gradient: #0072b2; --phase-craft: #d55e00; --phase-aggregate: #5cc2a0; --phase-evaluate: #b9bfc6; --heat: #08519c; --byzantine: #d55e00; }
@media screen and (prefers-color-scheme: dark) { :root { --paper: #14181d; --ink: #e6e9ed; --soft: #9aa4af; --rule: #363d46; --wash: #1d232a; --bad: #ff8a8a; --good: #6fd08c;
  --series-0: #4aa8e8; --series-1: #ff8a3d; --series-2: #2fc79a; --series-3: #e58bc4; --series-4: #e6b422; --series-5: #9bd4f5; --series-6: #b39df0;
  --phase-gradient: #3b93d3; --phase-craft: #ff8a3d; --phase-aggregate: #4fb593; --phase-evaluate: #6b7480; --heat: #7cc0ff; --byzantine: #ff8a3d; } }
* { box-sizing: border-box; }
html { background: var(--paper); -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body { margin: 0 auto; padding: 2rem clamp(1rem, 4vw, 3rem) 4rem; max-width: 84rem; color: var(--ink); background: var(--paper); font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; overflow-wrap: anywhere; }
h1 { margin: 0; font-size: 1.9rem; line-height: 1.2; }
h2 { margin: 3rem 0 .75rem; padding-top: 1rem; border-top: 1px solid var(--rule); font-size: 1.35rem; line-height: 1.25; }
h3 { margin: 0 0 .5rem; font-size: 1.05rem; }
h4 { margin: 0 0 .15rem; font-size: .875rem; font-weight: 600; }
p { max-width: 46rem; }
.lead, .note, figcaption, small { color: var(--soft); }
.note:not(:last-child) { margin-bottom: 2rem; }
.note, figcaption { max-width: 46rem; margin: .6rem 0 0; font-size: .875rem; }
.lead { margin: .25rem 0 0; }
.setup { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 11rem), 1fr)); gap: .9rem 1.25rem; margin: 1.5rem 0 0; }
.setup .long { grid-column: span 2; }
dt { color: var(--soft); font-size: .8rem; }
dd { margin: 0; overflow-wrap: break-word; min-width: 0; }
.setup > div { min-width: 0; }
dd ul { margin: 0; padding: 0; list-style: none; }
figure { margin: 0 0 2.25rem; }
figure:last-child { margin-bottom: 0; }
.panels { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 16rem), 1fr)); gap: 1rem 1.25rem; max-width: calc(var(--panels) * 26rem); }
.single .panels { grid-template-columns: minmax(0, 1fr); max-width: 42rem; }
.panel { min-width: 0; break-inside: avoid; }
.plot { display: block; width: 100%; height: auto; overflow: visible; font: 11px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; fill: currentColor; }
.plot text { white-space: pre; }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.25rem; margin: 0 0 .75rem; padding: 0; list-style: none; font-size: .875rem; }
.legend svg { height: .6em; margin-right: .45em; overflow: visible; fill: none; }
.forensics { display: grid; grid-template-columns: minmax(0, 1fr); }
.forensics.pairs { grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 0 2.5rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; font-size: .9rem; font-variant-numeric: tabular-nums; overflow-wrap: normal; }
th, td { padding: .3rem .9rem .3rem 0; text-align: left; vertical-align: top; font-weight: 400; }
th:last-child, td:last-child { padding-right: 0; }
thead th { border-bottom: 1px solid var(--soft); color: var(--soft); font-size: .8rem; vertical-align: bottom; white-space: nowrap; }
tbody tr.first:not(:first-child) > * { border-top: 1px solid var(--rule); }
.name { white-space: nowrap; }
.long.name { display: inline-block; min-width: 11rem; max-width: 22rem; white-space: normal; overflow-wrap: anywhere; }
.number { text-align: right; white-space: nowrap; }
.strong { font-weight: 600; }
.status.good { color: var(--good); }
.status.bad { color: var(--bad); }
.status { white-space: nowrap; }
.reason td { padding-top: 0; color: var(--soft); font-size: .8rem; overflow-wrap: anywhere; }
.overview { margin-bottom: .5rem; }
.overview tbody .long.name { min-width: 14rem; }
.overview thead .long.name { min-width: 0; max-width: 8.5rem; }
.meter { position: relative; width: 9rem; min-width: 9rem; padding: .25rem .5rem; white-space: nowrap; border-right: .5rem solid var(--paper); border-bottom: 2px solid var(--paper); background: var(--wash); background-clip: padding-box; }
.meter i { position: absolute; left: 0; top: 0; bottom: 0; background: var(--series-0); opacity: .25; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.meter span, .meter small { position: relative; display: block; }
.meter small { color: var(--bad); font-size: .75rem; line-height: 1.1; }
.samples { display: flex; flex-wrap: wrap; gap: .5rem .75rem; margin: .25rem 0 1rem; padding: 0; list-style: none; font-size: .8rem; text-align: center; }
.sample { display: block; width: 3.5rem; height: 3.5rem; stroke-width: 1; fill: none; shape-rendering: crispEdges; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
.runs { font-size: .8rem; }
code { display: inline-block; width: 32ch; white-space: normal; overflow-wrap: anywhere; line-height: 1.25; font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace; font-size: .72rem; }
.warnings { max-width: 46rem; padding-left: 1.2rem; }
.warnings li { margin: .25rem 0; }
@media (max-width: 40rem) {
  .setup { grid-template-columns: repeat(2, 1fr); }
  .name, .long.name { display: inline-block; min-width: 6.5rem; max-width: 9rem; white-space: normal; }
  .overview tbody .long.name { min-width: 6.5rem; }
  .meter { width: 7rem; min-width: 7rem; }
  .single .plot { font-size: 15px; }
}
@media print {
  :root { --paper: #fff; --ink: #000; --soft: #444; --rule: #bbb; }
  body { max-width: none; padding: 0; font-size: 10pt; }
  h2, h3, h4 { break-after: avoid; }
  h2 { margin-top: 1.5rem; }
  .panels { grid-template-columns: repeat(3, 1fr); }
  .single .panels { grid-template-columns: minmax(0, 30rem); }
  .panels { max-width: none; gap: .75rem 1rem; }
  table { font-size: 8pt; }
  th, td { padding-right: .5rem; }
  figure { break-inside: avoid; }
  .legend { break-inside: avoid; break-after: avoid; }
  .scroll { overflow: visible; }
  tr { break-inside: avoid; }
  .plot * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
`;
