// The numbers of a report as JSON.
#include <algorithm>
#include <cstddef>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/report.hpp>

#include "report/findings.hpp"

namespace scrawl {

namespace {

using Json = nlohmann::json;

Json to_json(const std::optional<double>& number) {
  return number ? Json(*number) : Json(nullptr);
}

Json to_json(const report::LayerFacts& layer) {
  return {{"layer", layer.layer},
          {"gives", layer.out},
          {"weights", layer.weights},
          {"operations", layer.operations}};
}

Json to_json(const report::DigitFacts& digit) {
  return {{"images", digit.images},
          {"precision", to_json(digit.precision)},
          {"recall", to_json(digit.recall)}};
}

Json to_json(const report::Mistake& mistake) {
  return {{"image", mistake.image},
          {"label", mistake.label},
          {"answer", mistake.answer},
          {"probabilities", mistake.probabilities}};
}

Json to_json(const CalibrationBin& bin) {
  return {{"images", bin.images}, {"correct", bin.correct}, {"confidence_sum", bin.confidence}};
}

Json to_json(const EpochScores& scores) {
  Json json{{"epoch", scores.epoch},
            {"train_loss", scores.train.loss},
            {"train_accuracy", scores.train.accuracy}};
  if (scores.validation) {
    json["validation_loss"] = scores.validation->loss;
    json["validation_accuracy"] = scores.validation->accuracy;
  }
  return json;
}

template <typename Range>
Json list(const Range& range, std::size_t most = SIZE_MAX) {
  Json json = Json::array();
  for (std::size_t i = 0; i < std::min(most, range.size()); ++i) json.push_back(to_json(range[i]));
  return json;
}

}  // namespace

std::string report_json(const Model& model, const Dataset& test, const ReportOptions& options) {
  const report::Findings findings = report::find(model, test, options);
  const Evaluation& evaluation = findings.evaluation;
  const Json json{
      {"name", options.name},
      {"architecture", to_string(model.architecture)},
      {"weights", parameter_count(model.architecture)},
      {"operations", operation_count(model.architecture)},
      {"file_bytes", findings.file_bytes},
      {"layers", list(findings.layers)},
      {"test_digest", findings.test_digest},
      {"images", evaluation.images},
      {"accuracy", evaluation.score.accuracy},
      {"standard_error", evaluation.standard_error},
      {"loss", evaluation.score.loss},
      {"calibration_error", evaluation.calibration_error},
      {"calibration", list(evaluation.calibration)},
      {"computed_in", findings.computed_in},
      {"seconds", evaluation.seconds},
      {"images_per_second", static_cast<double>(evaluation.images) / evaluation.seconds},
      {"confusion", evaluation.confusion},
      {"digits", list(findings.digits)},
      {"mistakes", findings.mistakes.size()},
      {"worst_mistakes", list(findings.mistakes, report::max_mistakes)},
      {"history", list(findings.history)}};
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

}  // namespace scrawl
