// The model that reads: what it is, its file, going back to the one before.
#include <cstddef>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset/source.hpp"
#include "formats/model_file.hpp"
#include "formats/safetensors.hpp"
#include "network/inference_plan.hpp"
#include "server/api.hpp"
#include "server/parameters.hpp"

namespace scrawl {

namespace {

/// Whether there is something to train and learn with.
bool has_mnist(const std::filesystem::path& folder) {
  return !folder.empty() && !look_for_source(folder, Part::train).images.empty() &&
         !look_for_source(folder, Part::test).images.empty();
}

}  // namespace

Response Api::file_response(const Model& model) {
  const std::vector<std::byte> bytes = format_safetensors(to_safetensors(model));
  return {200,
          "application/octet-stream",
          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
          {{"Cache-Control", "no-store"}}};
}

Response Api::model(const Request& request) {
  refuse_unknown(request, {});
  const auto served = this->served();
  const Model& model = served->model;
  return json_response(
      {{"source", served->source},
       {"architecture", to_string(model.architecture)},
       {"parameters", parameter_count(model.architecture)},
       {"operations", operation_count(model.architecture)},
       {"normalization", {{"mean", model.normalization.mean}, {"std", model.normalization.std}}},
       {"temperature", model.temperature},
       {"precision", name_of(fastest_type(model))},
       {"metadata", model.metadata},
       {"can_undo", served->source == personal_source && options_.model.empty()},
       {"may_teach", may_teach()},
       {"has_mnist", has_mnist(options_.data)},
       {"version", SCRAWL_VERSION}});
}

Response Api::model_file(const Request& request) {
  refuse_unknown(request, {});
  const auto served = this->served();
  if (served->source == personal_source) check_personal();
  return file_response(served->model);
}

Response Api::undo_model(const Request& request) {
  refuse_unknown(request, {});
  check_learns();
  if (!undo_personal_model())
    throw HttpError(409, "there is nothing to undo: the built-in model reads already");
  reload();
  return model(request);
}

/// Reads with it from now on, as the user's own; says what GET /v1/model does.
Response Api::keep(const Model& own, const Request& request) {
  save_personal_model(own);
  reload();
  return model(request);
}

}  // namespace scrawl
