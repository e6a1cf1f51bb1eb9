// A model in pictures: what `scrawl report` writes.
#pragma once

#include <string>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

/// What a report says beside what it measures. All texts may hold anything: they are escaped.
struct ReportOptions {
  std::string name = "model";          ///< what the model is called
  std::string command{};               ///< that reproduces the accuracy; empty: none is named
  std::string footer{};                ///< for instance when it was made, and by what; may be empty
  std::vector<EpochScores> history{};  ///< of the training; empty: training_history(model)
  Precision precision = Precision::automatic;
  int threads = 0;  ///< 0: one for each core that this process may use; at most 1024
};

/// One HTML file of 200 kB to 1 MB that needs nothing else and asks for nothing: the model's card,
/// how it does on `test` (measured now), curves of its training, confusions, the worst mistakes,
/// calibration, the weights of the first layer as pictures. Throws what evaluate() does.
std::string report_html(const Model& model, const Dataset& test, const ReportOptions& options = {});

/// The report's numbers as a JSON object.
std::string report_json(const Model& model, const Dataset& test, const ReportOptions& options = {});

}  // namespace scrawl
