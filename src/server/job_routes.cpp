// Learning and training, which go on while others are answered, and what comes of them.
#include <algorithm>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <limits>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "server/api.hpp"
#include "server/job.hpp"
#include "server/parameters.hpp"

namespace scrawl {

namespace {

constexpr int max_epochs = 1000;  // of a training

}  // namespace

Response Api::learn(const Request& request) {
  refuse_unknown(request, {});
  check_learns();
  if (collection_.count(corrections_folder()).size == 0)
    throw HttpError(409, "there is nothing to learn yet: correct a digit first");
  const bool started = job_.learn(default_model(), [this](const Model& learned) {
    save_personal_model(learned);
    reload();
  });
  if (!started) throw HttpError(409, "there is a learning or training under way; stop it or wait");
  return json_response(to_json(job_.state()), 202);
}

Response Api::keep_learned(const Request& request) {
  refuse_unknown(request, {});
  check_learns();
  const auto learned = job_.take_unkept();
  if (!learned) throw HttpError(409, "there is nothing that was learned and not kept");
  return keep(*learned, request);
}

/// The network of the last training.
Response Api::trained(const Request& request) {
  refuse_unknown(request, {});
  const auto network = job_.trained();
  return json_response({{"network", network ? to_json(*network) : nlohmann::json()}});
}

Response Api::trained_model(const Request& request) {
  refuse_unknown(request, {});
  const auto network = job_.trained();
  if (!network) throw HttpError(409, nothing_trained);
  Response response = file_response(network->model);
  response.headers.emplace_back(
      "Content-Disposition",
      fmt::format("attachment; filename=\"scrawl-{}.safetensors\"", network->name));
  return response;
}

/// Reads with it from now on, as with a model that has learned the user's hand.
Response Api::keep_trained(const Request& request) {
  refuse_unknown(request, {});
  check_learns();
  const auto network = job_.trained();
  if (!network) throw HttpError(409, nothing_trained);
  Model kept = network->model;
  kept.metadata["trained_as"] = network->name;
  return keep(kept, request);
}

Response Api::presets(const Request& request) {
  refuse_unknown(request, {});
  nlohmann::json all = nlohmann::json::array();
  for (const Preset& preset : scrawl::presets()) {
    all.push_back({{"name", preset.name},
                   {"summary", preset.summary},
                   {"epochs", preset.options.epochs},
                   {"weights", parameter_count(parse_architecture(preset.name))},
                   {"accuracy", preset.measured.accuracy},
                   {"accuracy_std", preset.measured.std},
                   {"seconds", preset.measured.seconds},
                   {"machine", preset.measured.machine}});
  }
  return json_response({{"presets", std::move(all)}});
}

Response Api::train(const Request& request) {
  refuse_unknown(request, {});
  const nlohmann::json json = parse_json(request.body);
  const std::string name = json.contains("model") && json["model"].is_string() ? json["model"] : "";
  const std::vector<Preset> all = scrawl::presets();
  const auto found = std::ranges::find(all, name, &Preset::name);
  if (found == all.end()) {
    std::vector<std::string> names;
    for (const Preset& known : all) names.push_back(known.name);
    throw HttpError(400, fmt::format("body: model: expected one of {}", fmt::join(names, ", ")));
  }
  Preset preset = *found;
  preset.options.epochs = json_number(json, "epochs", 1, max_epochs, preset.options.epochs);
  preset.options.validation = TrainingOptions().validation;  // there is something to see then
  preset.options.seed = json_number(json, "seed", 0, std::numeric_limits<int>::max(), 1);
  if (!job_.train(preset))
    throw HttpError(409, "there is a learning or training under way; stop it or wait");
  return json_response(to_json(job_.state()), 202);
}

Response Api::job(const Request& request) {
  refuse_unknown(request, {});
  return json_response(to_json(job_.state()));
}

Response Api::stop_job(const Request& request) {
  refuse_unknown(request, {});
  job_.stop();
  return json_response(to_json(job_.state()));
}

}  // namespace scrawl
