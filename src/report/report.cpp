// A report is its sections, one after the other.
#include <fmt/format.h>
#include <string>

#include <scrawl/report.hpp>

#include "report/findings.hpp"
#include "report/html.hpp"
#include "report/sections.hpp"

namespace scrawl {

std::string report_html(const Model& model, const Dataset& test, const ReportOptions& options) {
  const report::Findings findings = report::find(model, test, options);
  std::string html = report::page_begin(options.name + ": a report");
  html += fmt::format("<h1>{}</h1>\n", report::escape(options.name));
  html += fmt::format("<p class=\"soft\">{}</p>\n",
                      report::escape(to_string(model.architecture), 2000));
  html += report::overview(findings, options);
  html += report::card(model, findings);
  html += report::curves(findings, model);
  html += report::confusions(findings);
  html += report::worst_mistakes(findings, test);
  html += report::calibration(findings);
  html += report::first_layer(model);
  return html + report::page_end(options.footer);
}

}  // namespace scrawl
