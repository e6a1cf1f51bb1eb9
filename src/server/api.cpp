#include "server/api.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <exception>
#include <fmt/format.h>
#include <new>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <span>
#include <utility>

#include <scrawl/error.hpp>
#include <scrawl/picture.hpp>

#include "network/inference_plan.hpp"
#include "picture/format.hpp"
#include "recognition/digit.hpp"
#include "recognition/read_picture.hpp"
#include "recognition/reading_json.hpp"
#include "server/access.hpp"
#include "server/multipart.hpp"
#include "server/page.hpp"

namespace scrawl {

namespace {

constexpr std::size_t most_pictures = 100;  // in one request
constexpr std::size_t most_digits = 1000;   // that ?digits may ask for

Response json_response(const nlohmann::json& json, unsigned status = 200) {
  return {status, "application/json", dump(json), {}};
}

void refuse_unknown(const Request& request, const std::set<std::string>& known) {
  for (const auto& [name, value] : request.query) {
    if (!known.contains(name))
      throw HttpError(400,
                      fmt::format("query: '{}' is not known here; expected {}", name,
                                  known.empty() ? "none" : fmt::to_string(fmt::join(known, ", "))));
  }
}

/// A number in the query, or `missing` when it is not there.
template <typename Number>
Number number(const Request& request, const std::string& name, Number least, Number most,
              Number missing) {
  const auto found = request.query.find(name);
  if (found == request.query.end()) return missing;
  const std::string& text = found->second;
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() ||
      !(value >= least && value <= most))
    throw HttpError(400,
                    fmt::format("query: {} is '{}', expected {} to {}", name, text, least, most));
  return value;
}

bool flag(const Request& request, const std::string& name) {
  const auto found = request.query.find(name);
  if (found == request.query.end() || found->second == "false") return false;
  if (found->second == "true" || found->second.empty()) return true;
  throw HttpError(400,
                  fmt::format("query: {} is '{}', expected true or false", name, found->second));
}

ReadOptions read_options(const Request& request) {
  ReadOptions options;
  if (const auto found = request.query.find("layout"); found != request.query.end()) {
    if (found->second == "line")
      options.layout = Layout::line;
    else if (found->second == "one")
      options.layout = Layout::one;
    else if (found->second != "page")
      throw HttpError(
          400, fmt::format("query: layout is '{}', expected page, line or one", found->second));
  }
  options.digits = number<std::size_t>(request, "digits", 0, most_digits, 0);
  options.min_confidence = number<float>(request, "min_confidence", 0, 1, 0);
  if (options.layout == Layout::one && options.digits > 1)
    throw HttpError(400, "query: layout=one is one digit, digits asks for more; leave one out");
  return options;
}

const char* name_of(onednn::Type type) {
  switch (type) {
    case onednn::Type::f32:
      return "f32";
    case onednn::Type::bf16:
      return "bf16";
    case onednn::Type::u8:
      return "int8";
  }
  return "";
}

/// Throws HttpError with the status that says what is wrong with it.
Picture decode(std::string_view body, const std::string& name, std::size_t max_pixels) {
  const auto bytes = std::as_bytes(std::span(body));
  if (bytes.empty()) throw HttpError(400, fmt::format("{}: empty; expected a picture file", name));
  try {
    detect_format(bytes);
  } catch (const Error& error) {
    throw HttpError(415, fmt::format("{}: {}", name, error.what()));
  }
  try {
    return decode_picture(bytes, name, max_pixels);
  } catch (const TooLargeError& error) {
    throw HttpError(413, error.what());
  } catch (const Error& error) {
    throw HttpError(422, error.what());
  }
}

}  // namespace

Api::Api(ApiOptions options) : options_(std::move(options)), served_(load()) {}

Api::Served::Served(Model loaded, std::string from, std::size_t threads, Metrics& metrics)
    : model(std::move(loaded)),
      source(std::move(from)),
      gatherer(model, threads, [&metrics](std::size_t glyphs) { metrics.count_batch(glyphs); }) {}

std::shared_ptr<Api::Served> Api::load() {
  if (options_.model.empty())
    return std::make_shared<Served>(default_model(), "box", options_.threads, metrics_);
  return std::make_shared<Served>(load_model(options_.model), options_.model.filename().string(),
                                  options_.threads, metrics_);
}

std::shared_ptr<Api::Served> Api::served() const {
  const std::lock_guard guard(lock_);
  return served_;
}

void Api::reload() {
  auto fresh = load();
  const std::lock_guard guard(lock_);
  served_ = std::move(fresh);
}

std::vector<Api::Route> Api::routes() {
  return {{"POST", "/v1/read", &Api::read},        {"POST", "/v1/classify", &Api::classify},
          {"GET", "/v1/model", &Api::model},       {"GET", "/healthz", &Api::health},
          {"GET", "/metrics", &Api::metrics_text}, {"GET", "/openapi.json", &Api::description}};
}

Response Api::handle(const Request& request) {
  const auto start = std::chrono::steady_clock::now();
  std::string route = "other";  // until it is known to be one of ours
  Response response;
  try {
    response = answer(request, route);
  } catch (const HttpError& error) {
    response = error_response(error.status(), error.what());
  } catch (const std::bad_alloc&) {
    response = error_response(503, "out of memory; try again later");
  } catch (const std::exception& error) {
    response = error_response(500, error.what());
  }
  add_access_headers(request, options_.allowed_origins, response);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  metrics_.count_request(route, response.status, seconds.count());
  return response;
}

Response Api::answer(const Request& request, std::string& route) {
  check_access(request);
  const std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (const PageFile* file = find_page_file(request.path)) {
    route = file->path;
    if (method == "GET") return page_response(*file);
    throw HttpError(
        405, fmt::format("{}: {} is not possible here, only GET", request.path, request.method));
  }
  std::vector<std::string_view> methods;
  for (const Route& candidate : routes()) {
    if (candidate.path != request.path) continue;
    route = candidate.path;
    if (candidate.method == method) return (this->*candidate.answer)(request);
    methods.push_back(candidate.method);
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

Response Api::read(const Request& request) {
  refuse_unknown(request, {"layout", "digits", "min_confidence", "glyphs"});
  const ReadOptions options = read_options(request);
  const bool glyphs = flag(request, "glyphs");
  const auto served = this->served();
  const auto read_one = [&](std::string_view body, const std::string& name) {
    const Picture picture = decode(body, name, options_.max_pixels);
    const Reading reading = read_picture(
        picture, options, [&](GlyphView glyph) { return served->gatherer.classify(glyph); });
    metrics_.count_digits(reading.digits.size());
    return reading;
  };
  const std::string boundary = multipart_boundary(request.content_type);
  if (boundary.empty())
    return json_response(to_json({"-", read_one(request.body, "body"), ""}, glyphs));
  nlohmann::json answers = nlohmann::json::array();
  for (const FormPart& part : parse_multipart(request.body, boundary, most_pictures)) {
    const std::string& name = part.filename.empty() ? part.name : part.filename;
    try {
      answers.push_back(to_json({name, read_one(part.body, name), ""}, glyphs));
    } catch (const HttpError& error) {
      answers.push_back(to_json({name, {}, error.what()}));
    }
  }
  if (answers.empty()) throw HttpError(400, "multipart: there is no picture in the form");
  return json_response(answers);
}

Response Api::classify(const Request& request) {
  refuse_unknown(request, {});
  const std::string& body = request.body;
  if (body.empty() || body.size() % glyph_pixels != 0)
    throw HttpError(
        400,
        fmt::format(
            "body: found {} bytes, expected n x 784: glyphs of 28x28 bytes, 0 paper to 255 ink",
            body.size()));
  const std::span glyphs(reinterpret_cast<const std::uint8_t*>(body.data()), body.size());
  nlohmann::json digits = nlohmann::json::array();
  for (const Probabilities& probabilities : served()->gatherer.classify_all(glyphs)) {
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
       {"normalisation",
        {{"mean", model.normalisation.mean}, {"deviation", model.normalisation.deviation}}},
       {"temperature", model.temperature},
       {"precision", name_of(fastest_type(model))},
       {"metadata", model.metadata},
       {"version", SCRAWL_VERSION}});
}

Response Api::health(const Request&) {
  return json_response({{"status", "ok"}});
}

Response Api::metrics_text(const Request&) {
  return {200, "text/plain; version=0.0.4; charset=utf-8", metrics_.text(), {}};
}

Response Api::description(const Request&) {
  return {200, "application/json", std::string(openapi()), {}};
}

}  // namespace scrawl
