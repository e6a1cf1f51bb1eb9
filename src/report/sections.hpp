// The sections of a report: its words, and where its charts and pictures stand.
#pragma once

#include <string>

#include "report/findings.hpp"

namespace scrawl::report {

std::string overview(const Findings& findings, const ReportOptions& options);
std::string card(const Model& model, const Findings& findings);
std::string curves(const Findings& findings, const Model& model);
std::string confusions(const Findings& findings);
std::string worst_mistakes(const Findings& findings, const Dataset& test);
std::string calibration(const Findings& findings);
std::string first_layer(const Model& model);

}  // namespace scrawl::report
