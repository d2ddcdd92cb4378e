/** Style sheet of the HTML report; light and dark by the reader's setting, fit for print. */
export const STYLE = `
:root { color-scheme: light dark; --bg: #fbfbfa; --card: #fff; --ink: #1c1c1a; --soft: #65645f; --line: #e2e1dc;
  --allow: #1f7a4d; --review: #9a6700; --block: #b3261e; --code: #f4f3ef; }
@media (prefers-color-scheme: dark) { :root { --bg: #161615; --card: #1f1f1d; --ink: #ebeae6; --soft: #a3a29b;
  --line: #363530; --allow: #5fc794; --review: #e0b34c; --block: #ff8a80; --code: #282724; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2rem 1.25rem 4rem; background: var(--bg); color: var(--ink);
  font: 15px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.1rem; margin: 2.2rem 0 .7rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; } p { margin: .3rem 0; } .soft { color: var(--soft); }
code, pre { font: 13px/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; } code { overflow-wrap: anywhere; }
pre { background: var(--code); border-radius: 6px; padding: .7rem .9rem; overflow-x: auto; margin: .6rem 0 0; tab-size: 2; }
.head { display: flex; gap: 1rem; align-items: baseline; flex-wrap: wrap; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .8rem; margin: 1.4rem 0; }
.tile, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .8rem 1rem; }
.tile b { display: block; font-size: 1.5rem; line-height: 1.2; font-variant-numeric: tabular-nums; }
.card { margin-bottom: 1rem; border-left: 4px solid var(--line); }
.card.allow { border-left-color: var(--allow); } .card.review { border-left-color: var(--review); }
.card.block, .card.error { border-left-color: var(--block); }
.badge { font-size: .78rem; font-weight: 600; padding: .12rem .5rem; border-radius: 999px; border: 1px solid currentColor; white-space: nowrap; }
.allow .badge, .badge.allow { color: var(--allow); } .review .badge, .badge.review { color: var(--review); }
.block .badge, .badge.block, .error .badge { color: var(--block); }
.finding { margin-top: .9rem; padding-top: .8rem; border-top: 1px solid var(--line); }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
.wide { overflow-x: auto; }
th, td { text-align: left; padding: .4rem .7rem; border-top: 1px solid var(--line); vertical-align: top; }
th { border-top: 0; font-size: .8rem; color: var(--soft); font-weight: 600; white-space: nowrap; }
td.n { text-align: right; font-variant-numeric: tabular-nums; }
summary { cursor: pointer; padding: .3rem 0; }
@media print { body { max-width: none; padding: 0; } details:not([open]) > *:not(summary) { display: block; } }
`;
