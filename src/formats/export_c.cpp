// A model as one file of C99, for microcontrollers.
#include <cstddef>
#include <filesystem>
#include <fmt/format.h>
#include <span>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/formats.hpp>
#include <scrawl/precision.hpp>

#include "files/files.hpp"
#include "formats/c_source/program.hpp"
#include "formats/c_source/quantize.hpp"
#include "formats/c_source/steps.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"

namespace scrawl {

namespace {

/// As text, weights take up to five times their memory.
void require_small(const Model& model) {
  constexpr std::size_t most = 16'000'000;
  const std::size_t weights = parameter_count(model.architecture);
  if (weights <= most) return;
  throw Error(
      fmt::format("model: {} weights are more than the {} that are written as C; take a "
                  "smaller network",
                  weights, most));
}

}  // namespace

void export_c(const Model& model, const std::filesystem::path& file,
              const CExportOptions& options) {
  check_model(model);
  check_classifier(model.architecture);
  require_small(model);
  const std::vector<c_source::Step> steps = c_source::steps_of(model);
  std::vector<c_source::Int8Step> int8;
  if (options.precision == Precision::int8) {
    int8 = c_source::quantize(model, steps, options.glyphs);
  } else if (options.precision != Precision::f32) {
    throw OptionError("export: C is written in int8 or f32 alone");
  }
  const std::string text = c_source::program_of(model, steps, int8);
  write_file(file, std::as_bytes(std::span(text)));
}

}  // namespace scrawl
