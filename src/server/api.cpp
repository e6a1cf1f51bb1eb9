#include "server/api.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fmt/format.h>
#include <limits>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <span>
#include <utility>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "dataset/source.hpp"
#include "files/base64.hpp"
#include "formats/model_file.hpp"
#include "formats/reading_json.hpp"
#include "formats/safetensors.hpp"
#include "network/inference_plan.hpp"
#include "personalization/pictures_by_digit.hpp"
#include "personalization/places.hpp"
#include "picture/picture.hpp"
#include "picture/stop.hpp"
#include "recognition/digit.hpp"
#include "recognition/read_picture.hpp"
#include "server/access.hpp"
#include "server/forms.hpp"
#include "server/multipart.hpp"
#include "server/page.hpp"
#include "server/parameters.hpp"
#include "server/picture_json.hpp"
#include "server/pictures.hpp"

namespace scrawl {

namespace {

constexpr std::size_t max_pictures = 100;  // in one request
constexpr int max_epochs = 1000;           // of a training
constexpr std::size_t usual_items = 200;   // of the collection, in one answer
constexpr std::size_t max_items = 2000;
constexpr auto nameless = "-";              // a picture that is a body, in an answer
constexpr auto builtin_source = "builtin";  // where the model is from
constexpr auto personal_source = "personal";
constexpr auto nothing_trained = "no network has been trained yet, to the end of its first epoch";

Response json_response(const nlohmann::json& json, unsigned status = 200) {
  return {status, "application/json", dump(json), {}};
}

Response file_response(const Model& model) {
  const std::vector<std::byte> bytes = format_safetensors(to_safetensors(model));
  return {200,
          "application/octet-stream",
          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()),
          {{"Cache-Control", "no-store"}}};
}

/// What a request's path has in place of {id}, or "" where the route has none; nothing when it is
/// not of this route.
std::optional<std::string> match(std::string_view route, const std::string& path) {
  constexpr std::string_view placeholder = "{id}";
  if (!route.ends_with(placeholder)) {
    if (route == path) return "";
    return std::nullopt;
  }
  const std::string_view front = route.substr(0, route.size() - placeholder.size());
  if (!path.starts_with(front) || path.size() == front.size()) return std::nullopt;
  const std::string id = path.substr(front.size());
  if (id.find('/') != std::string::npos) return std::nullopt;
  return id;
}

nlohmann::json collection_json(const CollectionCounts& counts) {
  return {{"size", counts.size}, {"digits", counts.digits}};
}

/// Some corrections, in the order of their ids.
struct CollectionPage {
  std::vector<Correction> items;
  bool is_last;
};

/// The first `limit` behind the id `after`. Those of one id, which others have put there, are not
/// split.
CollectionPage page_of(const std::filesystem::path& folder, const std::string& after,
                       std::size_t limit) {
  std::vector<Correction> items = list_corrections(folder, after, limit + 1);
  if (items.size() <= limit) return {std::move(items), true};
  const auto rest = std::ranges::find(items, items[limit].id, &Correction::id);
  if (rest != items.begin()) items.erase(rest, items.end());
  return {std::move(items), false};
}

/// What `change` returns. Throws HttpError 507 where the disk will not have it, without saying
/// where on the disk that is.
template <typename Change>
auto change_collection(const Change& change) {
  try {
    return change();
  } catch (const std::filesystem::filesystem_error& error) {
    throw HttpError(507, "the collection cannot be changed: " + error.code().message());
  } catch (const Error& error) {
    throw HttpError(507, "the collection cannot be changed: " + without_folders(error.what()));
  }
}

/// Whether there is something to train and learn with.
bool has_mnist(const std::filesystem::path& folder) {
  return !folder.empty() && !look_for_source(folder, Part::train).images.empty() &&
         !look_for_source(folder, Part::test).images.empty();
}

/// The glyph and digit of a correction, sent as JSON or as a picture with ?digit.
std::pair<Glyph, int> correction_of(const Request& request, std::size_t max_pixels) {
  if (request.content_type.starts_with("application/json")) {
    refuse_unknown(request, {});
    const nlohmann::json json = parse_json(request.body);
    return {json_glyph(json), json_number(json, "digit", 0, 9)};
  }
  refuse_unknown(request, {"digit"});
  const std::optional<int> digit = query_digit(request, "digit");
  if (!digit) throw HttpError(400, "query: digit is missing: what does the picture show?");
  const auto found = find_glyph(decode_body(request.body, "body", max_pixels));
  if (!found) throw HttpError(422, "body: there is no ink in the picture");
  return {found->glyph, *digit};
}

}  // namespace

Api::Api(ApiOptions options)
    : options_(std::move(options)),
      served_(load()),
      page_reader_(default_page_reader()),
      job_(options_.data) {}

Api::Served::Served(Model loaded, std::string from, std::size_t threads, Metrics& metrics)
    : model(std::move(loaded)),
      source(std::move(from)),
      classifier(model, threads, [&metrics](std::size_t glyphs) { metrics.count_batch(glyphs); }) {}

std::shared_ptr<Api::Served> Api::load() {
  if (!options_.model.empty())
    return std::make_shared<Served>(load_model(options_.model), options_.model.filename().string(),
                                    options_.threads, metrics_);
  return std::make_shared<Served>(current_model(),
                                  has_personal_model() ? personal_source : builtin_source,
                                  options_.threads, metrics_);
}

std::shared_ptr<Api::Served> Api::served() const {
  const std::lock_guard guard(lock_);
  return served_;
}

/// Who reads for a request: the network of the last training where it asks for that.
std::shared_ptr<Api::Served> Api::served_for(const Request& request) {
  const auto asked = request.query.find("network");
  if (asked == request.query.end() || asked->second == "current") return served();
  if (asked->second != "trained")
    throw HttpError(
        400, fmt::format("query: network: found '{}', expected current or trained", asked->second));
  check_personal();
  const auto network = job_.trained();
  if (!network) throw HttpError(409, nothing_trained);
  const std::lock_guard guard(lock_);
  if (trained_ != network) {
    served_trained_ =
        std::make_shared<Served>(network->model, network->name, options_.threads, metrics_);
    trained_ = network;
  }
  return served_trained_;
}

void Api::reload() {
  auto fresh = load();
  const std::lock_guard guard(lock_);
  served_ = std::move(fresh);
}

std::vector<Api::Route> Api::routes() {
  return {{"POST", "/v1/read", &Api::read},
          {"POST", "/v1/forms", &Api::forms},
          {"POST", "/v1/classify", &Api::classify},
          {"GET", "/v1/model", &Api::model},
          {"GET", "/v1/model/file", &Api::model_file},
          {"POST", "/v1/model/undo", &Api::undo_model, true},
          {"GET", "/v1/corrections", &Api::corrections, true},
          {"POST", "/v1/corrections", &Api::add_correction, true},
          {"DELETE", "/v1/corrections/{id}", &Api::remove_correction, true},
          {"POST", "/v1/learn", &Api::learn, true},
          {"POST", "/v1/learn/keep", &Api::keep_learned, true},
          {"GET", "/v1/presets", &Api::presets},
          {"GET", "/v1/training", &Api::trained, true},
          {"POST", "/v1/training", &Api::train, true},
          {"GET", "/v1/training/model", &Api::trained_model, true},
          {"POST", "/v1/training/keep", &Api::keep_trained, true},
          {"GET", "/v1/job", &Api::job, true},
          {"DELETE", "/v1/job", &Api::stop_job, true},
          {"GET", "/healthz", &Api::health, false, true},
          {"GET", "/readyz", &Api::ready, false, true},
          {"GET", "/metrics", &Api::metrics_text, false, true},
          {"GET", "/openapi.json", &Api::description}};
}

std::optional<Response> Api::refusal(const Request& head) {
  try {
    check_access(head);
    return std::nullopt;
  } catch (const HttpError& error) {
    Response response = error_response(error.status(), error.what());
    add_access_headers(head, options_.allowed_origins, response);
    metrics_.count_request("other", response.status, 0);
    return response;
  }
}

bool Api::is_quick(const Request& request) {
  return std::ranges::any_of(
      routes(), [&](const Route& route) { return route.quick && route.path == request.path; });
}

Needs Api::needs(const Request& request) const {
  // Their probabilities, and those as numbers and text.
  if (request.path == "/v1/classify") return {0, 2 * request.body.size()};
  if (request.path != "/v1/read" && request.path != "/v1/forms" &&
      request.path != "/v1/corrections")
    return {};
  try {
    const std::string boundary = multipart_boundary(request.content_type);
    if (boundary.empty() && request.path == "/v1/read" && is_picture_json(request)) {
      const std::string picture = picture_of_json(request.body);
      Needs decoded = picture_needs(picture, options_.max_pixels, max_pictures);
      decoded.memory += 2 * request.body.size();  // its text, and what that stands for
      return decoded;
    }
    if (boundary.empty()) return picture_needs(request.body, options_.max_pixels, max_pictures);
    Needs most;
    for (const FormPart& part : parse_multipart(request.body, boundary, max_pictures)) {
      const Needs one = picture_needs(part.body, options_.max_pixels, max_pictures);
      most = {std::max(most.pixels, one.pixels), std::max(most.memory, one.memory)};
    }
    return most;
  } catch (const HttpError&) {
    return {};
  }
}

Response Api::handle(Request request) {
  const auto start = std::chrono::steady_clock::now();
  std::string route = "other";  // until it is known to be one of ours
  Response response;
  try {
    response = answer(request, route);
  } catch (const HttpError& error) {
    response = error_response(error.status(), error.what());
  } catch (const Stopped&) {
    return {};
  } catch (const std::bad_alloc&) {
    response = error_response(503, "out of memory; try again later");
  } catch (const std::exception& error) {
    response = error_response(500, without_folders(error.what()));
  }
  add_access_headers(request, options_.allowed_origins, response);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  metrics_.count_request(route, response.status, seconds.count());
  return response;
}

Response Api::answer(Request& request, std::string& route) {
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (const PageFile* file = find_page_file(request.path)) {
    route = file->path;
    if (method == "GET") return page_response(*file);
    throw HttpError(
        405, fmt::format("{}: {} is not possible here, only GET", request.path, request.method));
  }
  std::vector<std::string_view> methods;
  for (const Route& candidate : routes()) {
    const std::optional<std::string> id = match(candidate.path, request.path);
    if (!id) continue;
    route = candidate.path;
    methods.push_back(candidate.method);
    if (candidate.method != method) continue;
    if (candidate.personal) check_personal();
    request.id = *id;
    return (this->*candidate.answer)(request);
  }
  if (methods.empty())
    throw HttpError(404, fmt::format("{}: there is nothing here; /openapi.json says what there is",
                                     request.path));
  const std::string allowed = fmt::format("{}", fmt::join(methods, ", "));
  Response response = request.method == "OPTIONS"
                          ? Response{204, "", "", {}}
                          : error_response(405, fmt::format("{}: {} is not possible here, only {}",
                                                            request.path, request.method, allowed));
  response.headers.emplace_back("Allow", allowed);
  return response;
}

void Api::check_access(const Request& request) const {
  if (options_.loopback) check_host(request);
  check_origin(request, options_.allowed_origins);
  if (request.path.starts_with("/v1/") && request.method != "OPTIONS")
    check_token(request, options_.token);
  if (!request.content_encoding.empty() && request.content_encoding != "identity")
    throw HttpError(
        415, fmt::format("Content-Encoding: found '{}', expected none", request.content_encoding));
}

Reading Api::read_page(const Request& request, const Body& body, std::size_t page) {
  check_stop(request.stop);
  const Picture picture = decode_body(body.bytes, body.name, options_.max_pixels, page);
  check_stop(request.stop);
  const auto served = served_for(request);
  const auto classify = [&](GlyphView glyph) {
    check_stop(request.stop);
    return served->classifier.classify(glyph);
  };
  try {
    Reading reading =
        read_picture(picture, read_options(request), page_reader_, classify, request.stop);
    metrics_.count_digits(reading.digits.size());
    return reading;
  } catch (const TooLargeError& error) {
    throw HttpError(413, error.what());
  }
}

std::vector<Answer> Api::read_pages(const Request& request, const Body& body) {
  const std::size_t pages = pages_of(body.bytes);
  std::vector<Answer> answers;
  for (std::size_t page = 1; page <= pages; ++page) {
    Answer answer{body.name.empty() ? nameless : body.name, {}, "", "", page, pages};
    try {
      answer.reading = read_page(request, body, page);
      answer.warning = what_is_missing(answer.reading, read_options(request));
    } catch (const HttpError& error) {
      if (body.is_alone && pages == 1) throw;  // the status says what is wrong with it
      answer.error = error.what();
    }
    answers.push_back(std::move(answer));
  }
  return answers;
}

Response Api::read(const Request& request) {
  refuse_unknown(request, {"layout", "digits", "min_confidence", "signs", "handwritten", "turn",
                           "glyphs", "network"});
  read_options(request);  // wrong ones are said before anything is read
  served_for(request);
  const bool glyphs = query_flag(request, "glyphs");
  std::string decoded;  // of JSON
  std::vector<Body> bodies;
  if (const std::string boundary = multipart_boundary(request.content_type); !boundary.empty()) {
    for (const FormPart& part : parse_multipart(request.body, boundary, max_pictures))
      bodies.push_back({part.body, part.filename.empty() ? part.name : part.filename, false});
    if (bodies.empty()) throw HttpError(400, "multipart: there is no picture in the form");
  } else if (is_picture_json(request)) {
    decoded = picture_of_json(request.body);
    bodies.push_back({decoded, "", true});
  } else {
    refuse_web_text(request);
    bodies.push_back({request.body, "", true});
  }
  std::vector<std::string_view> pictures;
  for (const Body& body : bodies) pictures.push_back(body.bytes);
  check_pixels(pictures, options_.max_pixels, max_pictures);
  nlohmann::json answers = nlohmann::json::array();
  for (const Body& body : bodies)
    for (const Answer& answer : read_pages(request, body))
      answers.push_back(to_json(answer, glyphs));
  const bool is_one = bodies.front().is_alone && answers.size() == 1;
  return json_response(is_one ? answers.front() : answers);
}

Response Api::forms(const Request& request) {
  const auto served = this->served();
  const auto classify = [&](GlyphView glyph) {
    check_stop(request.stop);
    return served->classifier.classify(glyph);
  };
  const ReadPicture read_field = [&](const Picture& picture, const ReadOptions& options) {
    Reading reading = read_picture(picture, options, page_reader_, classify, request.stop);
    metrics_.count_digits(reading.digits.size());
    return reading;
  };
  return json_response(read_forms(request, options_.max_pixels, max_pictures, read_field));
}

Response Api::classify(const Request& request) {
  refuse_unknown(request, {"network"});
  const std::string& body = request.body;
  if (body.empty() || body.size() % glyph_pixels != 0)
    throw HttpError(
        400,
        fmt::format(
            "body: found {} bytes, expected n x 784: glyphs of 28x28 bytes, 0 paper to 255 ink",
            body.size()));
  const std::span glyphs(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  nlohmann::json digits = nlohmann::json::array();
  for (const Probabilities& probabilities :
       served_for(request)->classifier.classify_all(glyphs, request.stop)) {
    const auto best = std::ranges::max_element(probabilities);
    digits.push_back({{"digit", best - probabilities.begin()},
                      {"confidence", *best},
                      {"probabilities", probabilities}});
  }
  return json_response({{"digits", digits}});
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

/// Whether requests may change what is the user's own.
bool Api::may_teach() const {
  return is_private() && why_nothing_is_kept().empty();
}

bool Api::is_private() const {
  return options_.loopback || !options_.token.empty();
}

Response Api::model_file(const Request& request) {
  refuse_unknown(request, {});
  const auto served = this->served();
  if (served->source == personal_source) check_personal();
  return file_response(served->model);
}

void Api::check_personal() const {
  if (!is_private())
    throw HttpError(403,
                    "a server that other machines can reach takes this only with a token: start it "
                    "with --token");
  if (const std::string problem = why_nothing_is_kept(); !problem.empty())
    throw HttpError(403, problem);
}

/// Whether the model is the user's own, to be taught.
void Api::check_learns() const {
  if (!options_.model.empty())
    throw HttpError(
        409,
        fmt::format("this server reads with --model {}; start it without --model to personalize it",
                    options_.model.filename().string()));
}

Response Api::undo_model(const Request& request) {
  refuse_unknown(request, {});
  check_learns();
  if (!undo_personal_model())
    throw HttpError(409, "there is nothing to undo: the built-in model reads already");
  reload();
  return model(request);
}

Response Api::corrections(const Request& request) {
  const bool with_glyphs = query_flag(request, "glyphs");
  if (with_glyphs)
    refuse_unknown(request, {"glyphs", "after", "limit"});
  else
    refuse_unknown(request, {"glyphs"});
  const std::filesystem::path folder = corrections_folder();
  CollectionCounts counts = collection_.count(folder);
  if (!with_glyphs) return json_response(collection_json(counts));
  const auto after = request.query.find("after");
  const auto [page, is_last] = page_of(folder, after == request.query.end() ? "" : after->second,
                                       query_count(request, "limit", 1, max_items, usual_items));
  nlohmann::json items = nlohmann::json::array();
  for (const Correction& correction : page) {
    check_stop(request.stop);
    if (const std::optional<Glyph> glyph = load_glyph(correction.file)) {
      items.push_back({{"id", correction.id},
                       {"digit", correction.digit},
                       {"glyph", to_base64(std::as_bytes(std::span(*glyph)))}});
    } else {  // somebody has removed it meanwhile
      --counts.size;
      --counts.digits[static_cast<std::size_t>(correction.digit)];
    }
  }
  nlohmann::json json = collection_json(counts);
  json["items"] = std::move(items);
  if (!is_last) json["next"] = page.back().id;
  return json_response(json);
}

Response Api::add_correction(const Request& request) {
  const std::pair<Glyph, int> correction = correction_of(request, options_.max_pixels);
  const Glyph& glyph = correction.first;
  const int digit = correction.second;
  if (!has_ink(glyph))
    throw HttpError(422, "body: there is too little ink in the glyph: nothing of 128 or more");
  const CollectionCounts counts =
      change_collection([&] { return collection_.add(corrections_folder(), glyph, digit); });
  return json_response(
      {{"id", glyph_id(glyph)}, {"digit", digit}, {"collection", collection_json(counts)}}, 201);
}

Response Api::remove_correction(const Request& request) {
  refuse_unknown(request, {});
  const std::optional<CollectionCounts> counts =
      change_collection([&] { return collection_.remove(corrections_folder(), request.id); });
  if (!counts) throw HttpError(404, "there is no such glyph in the collection");
  return json_response(collection_json(*counts));
}

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

/// Reads with it from now on, as the user's own; says what GET /v1/model does.
Response Api::keep(const Model& own, const Request& request) {
  save_personal_model(own);
  reload();
  return model(request);
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

Response Api::health(const Request&) {
  return json_response({{"status", "ok"}});
}

Response Api::ready(const Request&) {
  const Load load = load_ ? load_() : Load{};
  if (!load.is_full && !load.is_draining)
    return json_response({{"status", "ready"}});  // its model is compiled, or nobody would listen
  Response response =
      error_response(503, load.is_draining ? "the server is about to end (--drain)"
                                           : "as many requests wait as may (--max-waiting)");
  response.headers.emplace_back("Retry-After", come_again);
  return response;
}

Response Api::metrics_text(const Request&) {
  const Load load = load_ ? load_() : Load{};
  return {200,
          "text/plain; version=0.0.4; charset=utf-8",
          metrics_.text(load.waiting, load.memory),
          {}};
}

Response Api::description(const Request&) {
  return {200, "application/json", std::string(openapi()), {}};
}

}  // namespace scrawl
