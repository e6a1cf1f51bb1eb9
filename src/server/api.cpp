#include "server/api.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <utility>

#include <scrawl/error.hpp>
#include <scrawl/personalization.hpp>

#include "formats/model_file.hpp"
#include "personalization/places.hpp"
#include "picture/stop.hpp"
#include "server/access.hpp"
#include "server/multipart.hpp"
#include "server/page.hpp"
#include "server/picture_json.hpp"
#include "server/pictures.hpp"

namespace scrawl {

namespace {

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

/// Whether requests may change what is the user's own.
bool Api::may_teach() const {
  return is_private() && why_nothing_is_kept().empty();
}

bool Api::is_private() const {
  return options_.loopback || !options_.token.empty();
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
