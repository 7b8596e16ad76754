#include "framework/page/html.hpp"

namespace certctl::page {

// Colours are named once, for light and dark; nothing is wider than 360 pixels unless it scrolls in its own box.
std::string_view style_sheet() noexcept {
  return R"(:root { color-scheme: light dark; --text: #222; --back: #fff; --quiet: #555; --accent: #00539b;
  --on-accent: #fff; --accent-soft: #e6eef6; --accent-deep: #003f77; --line: #b8c4d0; --line-soft: #dde3e9;
  --edge: #8a97a5; --good: #2e7d32; --good-back: #f1f8f1; --bad: #b00020; --bad-back: #fff4f4; --warn: #9a6200;
  --warn-back: #fff8e8; }
@media (prefers-color-scheme: dark) { :root { --text: #e4e7ea; --back: #15191d; --quiet: #a9b2bb; --accent: #7db8ee;
  --on-accent: #10202f; --accent-soft: #22303d; --accent-deep: #a6cff5; --line: #47525d; --line-soft: #2c343b;
  --edge: #6b7885; --good: #7ccb80; --good-back: #17241a; --bad: #ff8a95; --bad-back: #2e191c; --warn: #e9b45c;
  --warn-back: #2b2415; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 76rem; padding: 0 1rem 2rem; color: var(--text); background: var(--back);
  font: 15px/1.45 "Helvetica Neue", Arial, sans-serif;
  display: grid; grid-template-columns: 12rem minmax(0, 1fr); column-gap: 1.5rem; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.skip { position: absolute; left: -99rem; }
.skip:focus { left: 1rem; top: .5rem; background: var(--back); padding: .4rem; }
header { grid-column: 1 / -1; border-bottom: 3px solid var(--accent); margin-bottom: 1rem; }
h1 { font-size: 1.4rem; margin: .8rem 0 .5rem; color: var(--accent); overflow-wrap: anywhere; }
nav h2 { font-size: .8rem; margin: 0 0 .2rem; padding: .25rem .5rem; background: var(--accent); color: var(--on-accent); }
nav a { display: block; padding: .3rem .5rem; color: var(--accent); text-decoration: none; overflow-wrap: anywhere; }
nav a:hover, nav a:focus { text-decoration: underline; }
nav a + h2 { margin-top: .8rem; }
nav a.current { font-weight: bold; background: var(--accent-soft); }
nav form { margin: 1rem .5rem; }
main > h2 { font-size: 1.2rem; margin: 0 0 .8rem; overflow-wrap: anywhere; }
main h3 { font-size: 1rem; margin: 1.4rem 0 .5rem; }
fieldset { border: 1px solid var(--line); margin: 0 0 1rem; padding: .6rem 1rem .8rem; min-width: 0; }
legend { font-weight: bold; padding: 0 .4rem; }
.row { display: grid; grid-template-columns: 13rem minmax(0, 1fr); gap: .2rem 1rem; align-items: start; margin: .35rem 0; }
.row > label { padding-top: .3rem; }
.check { margin: .35rem 0; }
.check input { margin: 0 .5rem 0 0; }
input[type=text], input[type=password], input[type=search], select, textarea { width: 100%; padding: .3rem .4rem;
  color: inherit; background: var(--back); border: 1px solid var(--edge); font: inherit; }
input.short, select { width: 8rem; }
textarea { font-family: monospace; font-size: .9rem; min-height: 4.5rem; resize: vertical; }
textarea.code { min-height: 26rem; white-space: pre; overflow: auto; }
.note { color: var(--quiet); font-size: .87rem; margin-left: .5rem; }
p.note { margin-left: 0; }
.row .note { margin-left: .5rem; }
.row .below { display: block; margin-left: 0; }
input[aria-invalid], textarea[aria-invalid] { border-color: var(--bad); background: var(--bad-back); }
.problem { display: block; color: var(--bad); font-size: .9rem; }
.box { border: 1px solid var(--line); border-left-width: 5px; padding: .6rem .9rem; margin: 0 0 1rem; overflow-wrap: anywhere; }
.box p { margin: .2rem 0; }
.good { border-left-color: var(--good); background: var(--good-back); }
.bad { border-left-color: var(--bad); background: var(--bad-back); }
.warning { border-left-color: var(--warn); background: var(--warn-back); }
pre { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 monospace; }
pre.code { border: 1px solid var(--line); padding: .6rem .9rem; margin: 0 0 1rem; }
table { border-collapse: collapse; width: 100%; margin-bottom: 1rem; }
table.facts { table-layout: fixed; }
th, td { text-align: left; vertical-align: top; padding: .3rem .5rem; border-bottom: 1px solid var(--line-soft); overflow-wrap: anywhere; }
.facts th { width: 13rem; font-weight: normal; color: var(--quiet); }
thead th { font-weight: bold; }
details { margin: 0 0 .5rem; }
summary { cursor: pointer; padding: .3rem 0; }
button, a.button { display: inline-block; padding: .4rem 1.2rem; margin: 0 .4rem .4rem 0; font: inherit; color: var(--on-accent);
  background: var(--accent); border: 1px solid var(--accent-deep); text-decoration: none; cursor: pointer; }
button:hover, button:focus, a.button:hover, a.button:focus { background: var(--accent-deep); }
button.quiet, a.quiet { color: var(--accent); background: transparent; }
.word { display: inline-block; padding: 0 .45rem; border: 1px solid var(--line); border-radius: .7rem; font-size: .87rem; white-space: nowrap; }
.word.good { border-color: var(--good); color: var(--good); }
.word.bad { border-color: var(--bad); color: var(--bad); }
.word.warning { border-color: var(--warn); color: var(--warn); }
.line { display: block; width: 100%; height: 1.6rem; }
.line .whole { fill: var(--accent-soft); stroke: var(--line); }
.line .gone { fill: var(--line); }
.line .late { fill: var(--bad); }
.line .mark { stroke: var(--warn); stroke-width: 2; }
.line .now { stroke: var(--text); stroke-width: 2; }
.profile { border: 1px solid var(--line); border-left: 5px solid var(--good); padding: .6rem .9rem; margin: 0 0 1rem; }
.profile.bad { border-left-color: var(--bad); background: none; }
.profile.warning { border-left-color: var(--warn); background: none; }
.profile h3 { margin: 0 0 .3rem; overflow-wrap: anywhere; }
.profile p { margin: .3rem 0; overflow-wrap: anywhere; }
.facts4 { display: flex; flex-wrap: wrap; gap: .3rem; margin: .3rem 0; padding: 0; list-style: none; }
.wide { overflow-x: auto; }
@media (max-width: 45rem) {
  body { display: block; }
  nav { margin-bottom: 1rem; }
  nav a { display: inline-block; }
  .row { grid-template-columns: minmax(0, 1fr); }
  .facts th { width: 8rem; }
}
)";
}

}  // namespace certctl::page
