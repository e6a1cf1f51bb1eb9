// Reports on a model, in charts: what `scrawl report` writes.
#pragma once

#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

/// Texts and settings of a report. Texts may contain any characters, which are escaped.
struct ReportOptions {
  std::string name = "model";          ///< the model's name
  std::string command{};               ///< a command that reproduces the accuracy; may be empty
  std::string footer{};                ///< such as the date and the program's version; may be empty
  std::vector<EpochScores> history{};  ///< of the training; if empty, training_history(model)
  Precision precision = Precision::automatic;  ///< arithmetic of the evaluation
  int threads = 0;  ///< 0 to 1024; 0 means one per core that this process may use
};

/// A report as one HTML file of 200 kB to 1 MB, which loads nothing else: the model's card, its
/// results on `test`, learning curves, confusion matrix, worst mistakes, calibration, and the
/// weights of the first layer as pictures. It evaluates the model, and throws what evaluate()
/// throws.
std::string report_html(const Model& model, const Dataset& test, const ReportOptions& options = {});

/// The numbers of the report as a JSON object.
std::string report_json(const Model& model, const Dataset& test, const ReportOptions& options = {});

}  // namespace scrawl
