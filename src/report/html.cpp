#include "report/html.hpp"

#include <array>
#include <cstddef>
#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "decoding/write_png.hpp"
#include "files/base64.hpp"

namespace scrawl::report {

namespace {

constexpr std::string_view unknown = "\xEF\xBF\xBD";  // U+FFFD

/// What is not UTF-8 becomes U+FFFD: JSON's writer does that.
std::string to_utf8(std::string_view text) {
  using Json = nlohmann::json;
  const Json json = std::string(text);
  return Json::parse(json.dump(-1, ' ', false, Json::error_handler_t::replace)).get<std::string>();
}

// Colors are named once for each scheme. --heat is mistakes, --calm what is right; --a and --b
// are the two lines of a chart. Text has a contrast of 4.5 or more on all of them.
constexpr std::string_view style = R"(
:root { color-scheme: light dark; --paper: #fbfbf9; --card: #ffffff; --ink: #1d2127; --soft: #5c6470;
  --line: #e3e4e0; --a: #2563a8; --b: #b4521b; --heat: 222, 106, 44; --calm: 37, 99, 168; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1b1f25; --ink: #e6e8eb;
  --soft: #9aa3ae; --line: #30363f; --a: #7db4ee; --b: #f0a070; --heat: 205, 92, 40; --calm: 88, 146, 214; } }
* { box-sizing: border-box; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "DejaVu Sans", sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 2rem 1rem 3rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 .25rem; overflow-wrap: anywhere; }
h2 { font-size: 1.15rem; margin: 0 0 .5rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .4rem; }
p { margin: .4rem 0; max-width: 44rem; } .soft, figcaption { color: var(--soft); font-size: .875rem; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1.1rem 1.25rem 1.25rem; margin: 1rem 0; }
code { font: .85em ui-monospace, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.command { display: block; background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: .45rem .7rem; margin: .5rem 0 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(9rem, 1fr)); gap: .9rem 1.25rem; margin: .6rem 0; }
.tiles div { border-left: 3px solid var(--a); padding-left: .7rem; } .tiles b { display: block; font-size: 1.35rem; line-height: 1.3;
  font-variant-numeric: tabular-nums; white-space: nowrap; } .tiles b small { font-size: .9rem; font-weight: 500; } .tiles span { color: var(--soft); font-size: .875rem; }
.scroll { overflow-x: auto; } .pair { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(19rem, 100%), 1fr)); gap: 1.25rem; }
.pair > * { min-width: 0; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; font-size: .9rem; }
caption { text-align: left; color: var(--soft); font-size: .875rem; padding-bottom: .4rem; }
th, td { padding: .3rem .7rem .3rem 0; text-align: right; border-bottom: 1px solid var(--line); white-space: nowrap; }
th { font-weight: 600; color: var(--soft); } th:last-child, td:last-child { padding-right: 0; } td.text, th.text { text-align: left; } tfoot td, tfoot th { border-bottom: 0; font-weight: 600; color: var(--ink); }
.wide { width: 100%; } .facts { display: grid; grid-auto-flow: dense; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .5rem 1.25rem; margin: .5rem 0; font-size: .9rem; }
.facts dt { color: var(--soft); font-size: .8rem; overflow-wrap: anywhere; } .facts dd { margin: 0; overflow-wrap: anywhere; } .facts .long { grid-column: 1 / -1; }
.split { display: flex; flex-wrap: wrap; gap: 1rem 2.5rem; } .split > * { flex: 1 1 17rem; min-width: 0; } .split > .most { flex: 2 1 27rem; }
.confusion { border-collapse: separate; border-spacing: 2px; font-size: .85rem; }
.confusion th, .confusion td { width: 2.6rem; height: 2.1rem; padding: 0 .15rem; text-align: center; border: 0; border-radius: 4px; }
.confusion td { background: rgba(var(--heat), var(--v, 0)); } .confusion td.correct { background: rgba(var(--calm), .16); color: var(--soft); }
.confusion td.none { color: var(--soft); opacity: .55; } .confusion .axis { font-weight: 400; width: auto; padding: 0 .4rem; line-height: 1.1; }
figure { margin: 0; } svg { display: block; width: 100%; height: auto; } svg text { fill: var(--soft); font-size: 11px; font-variant-numeric: tabular-nums; }
svg .strong { fill: var(--ink); } svg .title { fill: var(--ink); font-size: 13px; font-weight: 600; } .grid { stroke: var(--line); } .a { stroke: var(--a); } .b { stroke: var(--b); } .line { fill: none; stroke-width: 2; stroke-linejoin: round; }
.b.line { stroke-dasharray: 5 3; } .fill-a { fill: var(--a); } .fill-b { fill: var(--b); } .fill-soft { fill: var(--soft); } .text-a { color: var(--a); } .text-b { color: var(--b); } .dash { stroke: var(--soft); stroke-dasharray: 3 3; fill: none; }
.gallery { display: grid; grid-template-columns: repeat(auto-fill, minmax(6.2rem, 1fr)); gap: 1rem .9rem; margin-top: .8rem; }
.gallery img, .filters img { display: block; width: 100%; height: auto; image-rendering: pixelated; border-radius: 4px; } .gallery b { font-size: 1.05rem; } .gallery p { margin: .25rem 0 .1rem; display: flex; flex-wrap: wrap; justify-content: space-between; align-items: baseline; font-variant-numeric: tabular-nums; } .gallery p > * { white-space: nowrap; }
.filters { display: grid; gap: .4rem; margin: .8rem 0; } .kernels { grid-template-columns: repeat(auto-fill, minmax(3.2rem, 1fr)); } .fields { grid-template-columns: repeat(auto-fill, minmax(4.6rem, 1fr)); }
.legend { max-width: 20rem; } footer { color: var(--soft); font-size: .875rem; margin-top: 1.5rem; overflow-wrap: anywhere; }
@media (max-width: 30rem) { main { padding: 1rem .6rem 2rem; } section { padding: .9rem .8rem 1rem; } h1 { font-size: 1.35rem; }
  .tiles { grid-template-columns: repeat(auto-fit, minmax(min(8rem, 100%), 1fr)); } .tiles div { min-width: 0; } .tiles b { font-size: 1.15rem; white-space: normal; }
  .confusion { font-size: .66rem; border-spacing: 1px; } .confusion th, .confusion td { width: 1.5rem; height: 1.6rem; padding: 0; } .confusion .axis { padding: 0 .1rem; white-space: normal; width: 2.2rem; }
  table { font-size: .8rem; } th, td { padding-right: .4rem; } .gallery { grid-template-columns: repeat(auto-fill, minmax(5rem, 1fr)); } .gallery b { font-size: .9rem; } .gallery span { font-size: .8rem; } }
@media print { :root { color-scheme: light; --paper: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #ccc;
  --a: #2563a8; --b: #b4521b; --heat: 222, 106, 44; --calm: 37, 99, 168; }
  body { font-size: 13px; } main { padding: 0; max-width: none; } section { padding: 0; border: 0; } .scroll { overflow: visible; } .split { display: block; }
  figure, tr, .confusion, .tiles, .facts div { break-inside: avoid; } h2, h3, caption { break-after: avoid; }
  .gallery { grid-template-columns: repeat(8, 1fr); gap: .6rem; } .gallery b { font-size: .85rem; } .gallery span { font-size: .75rem; } .fields { grid-template-columns: repeat(12, 1fr); } }
)";

}  // namespace

std::string escape(std::string_view text, std::size_t most) {
  std::string safe;
  for (const char character : to_utf8(text.substr(0, most))) {
    const auto byte = static_cast<unsigned char>(character);
    if (character == '&') {
      safe += "&amp;";
    } else if (character == '<') {
      safe += "&lt;";
    } else if (character == '>') {
      safe += "&gt;";
    } else if (character == '"') {
      safe += "&quot;";
    } else if (character == '\'') {
      safe += "&#39;";
    } else if (byte < 0x20 || byte == 0x7F) {
      safe += unknown;
    } else {
      safe += character;
    }
  }
  return text.size() > most ? safe + "…" : safe;
}

std::string data_uri(const Picture& picture) {
  return "data:image/png;base64," + to_base64(format_png(picture));
}

std::string page_begin(std::string_view title) {
  return fmt::format(
      R"(<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8"/>
<meta name="viewport" content="width=device-width, initial-scale=1"/>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'"/>
<meta name="color-scheme" content="light dark"/>
<link rel="icon" href="data:,"/>
<title>{}</title>
<style>{}</style>
</head>
<body>
<main>
)",
      escape(title), style);
}

std::string page_end(std::string_view footer) {
  return fmt::format("<footer>{}</footer>\n</main>\n</body>\n</html>\n", escape(footer));
}

}  // namespace scrawl::report
