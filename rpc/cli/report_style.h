// The style sheet of the report page: light and dark, and print. Classes are those that the
// pictures in rpc/cli/charts give to their marks.
#ifndef BLIXARD_RPC_CLI_REPORT_STYLE_H_
#define BLIXARD_RPC_CLI_REPORT_STYLE_H_

namespace blixard::rpc {

inline constexpr char kReportStyle[] = R"css(
:root {
  color-scheme: light dark;
  --page: #f5f6f8; --card: #ffffff; --edge: #e2e5ea; --ink: #1b2330; --soft: #5d6878;
  --grid: #e6e9ee; --first: #1f7a8c; --second: #b5651d; --over: #d6303f; --none: #b9c1cc;
  --h0: #eef6e4; --h1: #d8edc9; --h2: #b5dfbf; --h3: #8dcfbd; --h4: #64bcbf;
  --h5: #43a3bd; --h6: #3185b0; --h7: #2b669d; --h8: #274884; --h9: #1f2c63;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #10141b; --card: #181e27; --edge: #29313d; --ink: #e6eaf0; --soft: #98a4b5;
    --grid: #29313d; --first: #4fb8cc; --second: #e39a55; --over: #ff5d68; --none: #46505f;
    --h0: #1f2a4a; --h1: #243a66; --h2: #294d80; --h3: #2d6394; --h4: #347ba1;
    --h5: #4394a6; --h6: #5daea5; --h7: #84c6a2; --h8: #b4dca6; --h9: #e9f2bd;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "DejaVu Sans", sans-serif;
}
main { max-width: 1168px; margin: 0 auto; padding: 40px 24px 56px; }
h1 { font-size: 30px; line-height: 1.2; letter-spacing: -0.015em; margin: 0; overflow-wrap: anywhere; }
h2 { font-size: 19px; line-height: 1.3; letter-spacing: -0.005em; margin: 0 0 4px; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 8px; }
p { margin: 0; }
.subtitle { color: var(--soft); margin-top: 6px; overflow-wrap: anywhere; }
.note { color: var(--soft); font-size: 14px; margin-bottom: 18px; max-width: 76ch; }
.figures {
  display: grid; grid-template-columns: repeat(auto-fit, minmax(168px, 1fr)); gap: 12px;
  margin: 28px 0 0; padding: 0; list-style: none;
}
.figures li, section { background: var(--card); border: 1px solid var(--edge); border-radius: 10px; }
.figures li { padding: 14px 16px 12px; }
.figures .label { display: block; color: var(--soft); font-size: 13px; }
.figures .value {
  font-size: 26px; font-weight: 640; letter-spacing: -0.02em; line-height: 1.3;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
.figures .unit { color: var(--soft); font-size: 14px; margin-left: 3px; }
section { padding: 24px 24px 22px; margin-top: 16px; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 28px; }
.pair > * { min-width: 0; }
.stack > * + * { margin-top: 18px; }
.facts { margin: 6px 0 0; display: grid; grid-template-columns: auto 1fr; align-content: start; }
.facts dt, .facts dd { padding: 9px 0; border-top: 1px solid var(--edge); margin: 0; font-size: 15px; }
.facts dt { color: var(--soft); padding-right: 20px; }
.facts dd { text-align: right; font-variant-numeric: tabular-nums; }
.empty { color: var(--soft); border: 1px dashed var(--edge); border-radius: 8px; padding: 28px; text-align: center; }
footer { color: var(--soft); font-size: 13px; margin-top: 22px; text-align: center; }
svg { display: block; }
svg.heat, svg.chart { width: 100%; height: auto; overflow: visible; }
.wide { overflow-x: auto; }
.wide svg { min-width: 680px; overflow: hidden; }
svg.legend { margin-top: 16px; max-width: 100%; }
svg text { fill: var(--soft); font-size: 12px; font-variant-numeric: tabular-nums; }
svg text.name { fill: var(--ink); }
svg text.corner { font-style: italic; }
svg text.mid { text-anchor: middle; }
svg text.end { text-anchor: end; }
.h0 { fill: var(--h0); } .h1 { fill: var(--h1); } .h2 { fill: var(--h2); } .h3 { fill: var(--h3); }
.h4 { fill: var(--h4); } .h5 { fill: var(--h5); } .h6 { fill: var(--h6); } .h7 { fill: var(--h7); }
.h8 { fill: var(--h8); } .h9 { fill: var(--h9); } .over { fill: var(--over); }
.none { fill: transparent; stroke: var(--none); stroke-width: 1; }
.heat rect:hover { stroke: var(--ink); stroke-width: 1.5; }
.grid { stroke: var(--grid); stroke-width: 1; }
.diagonal { stroke: var(--soft); stroke-width: 1; stroke-dasharray: 4 4; opacity: 0.7; }
.mark { fill: var(--first); fill-opacity: 0.78; }
.mark:hover, .bar:hover { fill: var(--second); fill-opacity: 1; }
.line { fill: none; stroke-width: 1.8; stroke-linejoin: round; stroke-linecap: round; }
.line.first { stroke: var(--first); } .area.first { fill: var(--first); }
.line.second { stroke: var(--second); } .area.second { fill: var(--second); }
.area { fill-opacity: 0.14; }
.touch { fill: transparent; }
.touch:hover { fill: var(--soft); fill-opacity: 0.16; }
.bar { fill: var(--first); fill-opacity: 0.85; }
.marker { stroke: var(--second); stroke-width: 1.2; stroke-dasharray: 3 3; }
@media (max-width: 820px) { .pair { grid-template-columns: 1fr; } main { padding: 24px 14px 40px; } section { padding: 18px 16px; } }
@media print { body { background: none; } section, .figures li { break-inside: avoid; } }
)css";

}  // namespace blixard::rpc

#endif  // BLIXARD_RPC_CLI_REPORT_STYLE_H_
