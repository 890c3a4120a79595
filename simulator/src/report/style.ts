/** The style sheet of a report: light and dark, wide and narrow. Heat colours are translucent, so that they suit both. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#fff;--fg:#1c2128;--soft:#626c78;--edge:#dfe3e8;--panel:#f6f8fa;--focus:#1a5fd0;--bound:#8b949e;
--c0:#d1495b;--c1:#b97700;--c2:#2e8b57;--c3:#8e5bd0;--c4:#00838f;--c5:#c2559d;--c6:#8a6d3b;--c7:#6b7c1e;--best:#1a7f37;--worst:#c4432b}
@media(prefers-color-scheme:dark){:root{--bg:#0f1318;--fg:#e3e8ee;--soft:#98a3b0;--edge:#2b323b;--panel:#171c23;--focus:#79b0ff;--bound:#848d97;
--c0:#ff7d8b;--c1:#ffbf47;--c2:#5fd08f;--c3:#c09bff;--c4:#4dd0dc;--c5:#ff94cf;--c6:#cfae78;--c7:#b9cc54;--best:#5fd38a;--worst:#ff8a75}}
*{box-sizing:border-box}
html{scroll-padding-top:3.5rem}
body{margin:0 auto;padding:0 1rem 4rem;max-width:78rem;background:var(--bg);color:var(--fg);font:16px/1.5 system-ui,sans-serif}
h1{margin:1.5rem 0 .5rem}h2{margin:3.5rem 0 .25rem}h3{margin:0;font-size:1.15rem}h4{margin:1.25rem 0 .25rem;font-size:1rem}
p{max-width:48rem;margin:.25rem 0 .75rem}.note,figcaption,.soft{color:var(--soft);font-size:.875rem}
a{color:var(--focus);text-decoration:none}a:hover{text-decoration:underline}
nav{position:sticky;top:0;z-index:2;display:flex;gap:.25rem;overflow-x:auto;margin:0 -1rem;padding:.5rem 1rem;background:var(--bg);border-bottom:1px solid var(--edge);white-space:nowrap;font-size:.875rem}
nav a{padding:.125rem .5rem;border-radius:.4rem;background:var(--panel)}
.cell{margin:1.5rem 0;padding:1rem;border:1px solid var(--edge);border-radius:.6rem;content-visibility:auto;contain-intrinsic-size:auto 60rem}
.pictures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,21rem),1fr));gap:1rem 1.5rem;margin:.75rem 0}
figure{margin:0;min-width:0}svg{display:block;width:100%;height:auto;overflow:visible}
svg text{fill:var(--soft);font:12px system-ui,sans-serif}svg .label{font-size:11px;paint-order:stroke;stroke:var(--bg);stroke-width:3px}
.grid{stroke:var(--edge)}.rule{stroke:var(--soft);stroke-dasharray:3 3;fill:none}.shade{fill:var(--soft);opacity:.16}
.line{fill:none;stroke-width:1.6;stroke-linejoin:round}.focus{stroke:var(--focus);stroke-width:3}.bound{stroke:var(--bound)}
.colour0{stroke:var(--c0)}.colour1{stroke:var(--c1)}.colour2{stroke:var(--c2)}.colour3{stroke:var(--c3)}.colour4{stroke:var(--c4)}.colour5{stroke:var(--c5)}.colour6{stroke:var(--c6)}.colour7{stroke:var(--c7)}
.dash1{stroke-dasharray:6 3}.dash2{stroke-dasharray:2 2}.dash3{stroke-dasharray:8 3 2 3}.bound.dash0{stroke-dasharray:1 3}
.legend{display:flex;flex-wrap:wrap;gap:.25rem}
.legend button{display:flex;align-items:center;gap:.35rem;padding:.1rem .5rem;border:1px solid var(--edge);border-radius:1rem;background:none;color:inherit;font:inherit;font-size:.8125rem;cursor:pointer}
.legend svg{width:24px}.legend [aria-pressed=true]{border-color:var(--fg)}
.pods{display:grid;grid-template-columns:repeat(auto-fill,minmax(8.5rem,1fr));gap:.6rem .9rem}
.pods figcaption{font-size:.75rem;color:var(--fg)}.pods span{display:block;color:var(--soft)}
.pods svg{border-bottom:1px solid var(--edge)}.bar{fill:none}
.group0{stroke:var(--focus);background:var(--focus)}.group1{stroke:var(--c1);background:var(--c1)}.group2{stroke:var(--c2);background:var(--c2)}.group3{stroke:var(--c3);background:var(--c3)}
.groups{margin:.5rem 0 0;font-size:.75rem;color:var(--soft)}.groups i{display:inline-block;width:.7em;height:.7em;margin-right:.3em}
.groups span{margin-right:.75em}
.scroll{overflow-x:auto;margin:.5rem 0}
table{border-collapse:collapse;font-size:.8125rem;font-variant-numeric:tabular-nums}
th,td{padding:.25rem .55rem;border-bottom:1px solid var(--edge);text-align:right;vertical-align:bottom}
thead th{color:var(--soft);font-weight:500;white-space:nowrap}th[title]{cursor:help}
th:first-child{position:sticky;left:0;z-index:1;background:var(--bg);text-align:left;font-weight:500;white-space:nowrap}
td{white-space:nowrap}td.text{white-space:normal;text-align:left;min-width:14rem}.best{color:var(--best);font-weight:700}.worst{color:var(--worst)}
.matrix td{text-align:center;vertical-align:middle;padding:.2rem .3rem;min-width:3.4rem}.matrix thead th:first-child{text-align:left}
.matrix thead span{writing-mode:vertical-rl;transform:rotate(180deg);text-align:left}.matrix thead th{text-align:center}
.matrix small{display:block;opacity:.85;font-size:.6875rem}
.matrix .chapter th{padding-top:.9rem;color:var(--soft)}.matrix tfoot th{white-space:normal}
.warm{background:rgba(222,96,48,var(--heat))}.cool{background:rgba(38,132,255,var(--heat))}.even{color:var(--soft)}
.key{display:inline-block;padding:0 .4rem;border-radius:.2rem}
[data-lit] .pictures .line{opacity:.12}[data-lit] .pictures .line.lit{opacity:1;stroke-width:3}[data-lit] .pods figure{opacity:.3}[data-lit] .pods .lit{opacity:1}
[data-lit] tr.lit>*{background:var(--panel)}
@media(max-width:40rem){body{padding:0 .6rem 3rem}nav{margin:0 -.6rem;padding:.5rem .6rem}.cell{padding:.7rem .6rem}h1{font-size:1.5rem}.matrix th:first-child{max-width:8.5rem;white-space:normal}}
@media print{nav{display:none}.cell{break-inside:avoid;content-visibility:visible}}
`;
