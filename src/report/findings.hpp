// What a report says of a model: its numbers, before they are drawn.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <scrawl/report.hpp>

namespace scrawl::report {

/// How many mistakes are shown, at most.
inline constexpr std::size_t max_mistakes = 40;

/// An image that was read wrongly.
struct Mistake {
  std::size_t image = 0;  ///< its place in the data set
  std::size_t label = 0;
  std::size_t answer = 0;
  Probabilities probabilities{};
};

/// A layer in its place.
struct LayerFacts {
  std::string layer;           ///< as in an architecture
  std::string out;             ///< shape: channels × height × width, or values
  std::size_t weights = 0;     ///< learned
  std::size_t operations = 0;  ///< as operation_count counts them; the sum over layers is that
};

struct DigitFacts {
  std::size_t images = 0;
  std::optional<double> recall;     ///< of its images, the fraction that was read so
  std::optional<double> precision;  ///< of the images read so, the fraction that was correct
};

struct Findings {
  Evaluation evaluation;
  std::string computed_in;  ///< int8, bf16 or f32
  std::array<DigitFacts, digit_count> digits;
  std::vector<Mistake> mistakes;  ///< the most confident first
  std::vector<LayerFacts> layers;
  std::size_t file_bytes = 0;  ///< of the model as save_model writes it
  std::vector<EpochScores> history;
  std::string test_digest;
  bool mnist = false;  ///< the test part is MNIST's
};

Findings find(const Model& model, const Dataset& test, const ReportOptions& options);

}  // namespace scrawl::report
