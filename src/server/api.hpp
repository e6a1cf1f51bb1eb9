// What the server answers: every path, without the sockets.
#pragma once

#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <scrawl/model.hpp>

#include "formats/reading_json.hpp"
#include "recognition/page_reader.hpp"
#include "recognition/recognizer.hpp"
#include "server/batching_classifier.hpp"
#include "server/counted_collection.hpp"
#include "server/http.hpp"
#include "server/job.hpp"
#include "server/metrics.hpp"
#include "server/pictures.hpp"

namespace scrawl {

struct ApiOptions {
  std::filesystem::path model;  ///< empty: current_model()
  std::filesystem::path data;   ///< the folder with MNIST, to train and learn with; empty: none
  std::string token;            ///< that every request for /v1 has to bear; empty: none
  std::vector<std::string> allowed_origins;  ///< of pages of other servers; "*": all
  bool loopback = true;                      ///< only this machine can reach the server
  std::size_t max_pixels = 50'000'000;       ///< of all pictures of a request
  std::size_t threads = 1;                   ///< that classify at the same time
};

/// How busy the server is.
struct Load {
  std::size_t waiting = 0;   ///< requests, for a thread
  std::size_t memory = 0;    ///< bytes that requests have or are about to take
  bool is_full = false;      ///< no more requests are taken
  bool is_draining = false;  ///< it is about to end
};

/// Safe to call from any thread.
class Api {
 public:
  /// Throws Error when the model cannot be loaded.
  explicit Api(ApiOptions options);

  /// The answer, where the head alone says that a request is not to be taken. handle() is for
  /// those that are. Never throws.
  std::optional<Response> refusal(const Request& head);

  /// Whether the answer takes no time, so that it need not wait for a thread that works.
  static bool is_quick(const Request& request);

  /// What it will take to answer. Never throws: a request that is wrong needs nothing.
  Needs needs(const Request& request) const;

  /// Never throws: what goes wrong is an answer too. Ends soon when the request's `stop` is
  /// requested, and the answer is nothing then.
  Response handle(Request request);

  /// For /readyz and /metrics; before there are requests, and after.
  void set_load(std::function<Load()> load) { load_ = std::move(load); }

  /// Loads the model anew; requests that have begun keep the old one. Throws Error, and keeps it
  /// for all, when that is not possible.
  void reload();

  /// Lets a learning or training come to its end soon.
  void stop() { job_.stop(); }

  Metrics& metrics() { return metrics_; }

  struct Route {
    std::string_view method;
    std::string_view path;
    Response (Api::*answer)(const Request& request);
    bool personal = false;  ///< it is the user's own: not for other machines without the token
    bool quick = false;     ///< it waits for no other request
  };
  /// All that there is to ask for, but for the page's files. A path may end with {id}. What answers
  /// is in reading_routes.cpp, model_routes.cpp, correction_routes.cpp and job_routes.cpp.
  static std::vector<Route> routes();

 private:
  static constexpr std::size_t max_pictures = 100;   // in one request
  static constexpr auto builtin_source = "builtin";  // where the model is from
  static constexpr auto personal_source = "personal";
  static constexpr auto nothing_trained =
      "no network has been trained yet, to the end of its first epoch";

  /// A model at work.
  struct Served {
    Served(Model loaded, std::string from, std::size_t threads, Metrics& metrics);

    Model model;
    std::string source;
    BatchingClassifier classifier;
  };

  std::shared_ptr<Served> load();
  std::shared_ptr<Served> served() const;
  std::shared_ptr<Served> served_for(const Request& request);
  Response answer(Request& request, std::string& route);
  void check_access(const Request& request) const;
  bool may_teach() const;
  bool is_private() const;
  void check_personal() const;
  void check_learns() const;

  /// A picture file in a request.
  struct Body {
    std::string_view bytes;
    std::string name;      ///< in a form; empty: it has none
    bool is_alone = true;  ///< the request has but this
  };

  Reading read_page(const Request& request, const Body& body, std::size_t page);
  std::vector<Answer> read_pages(const Request& request, const Body& body);
  static Response file_response(const Model& model);

  Response read(const Request& request);
  Response forms(const Request& request);
  Response classify(const Request& request);
  Response model(const Request& request);
  Response model_file(const Request& request);
  Response undo_model(const Request& request);
  Response add_correction(const Request& request);
  Response corrections(const Request& request);
  Response remove_correction(const Request& request);
  Response learn(const Request& request);
  Response keep_learned(const Request& request);
  Response keep(const Model& own, const Request& request);
  Response presets(const Request& request);
  Response train(const Request& request);
  Response trained(const Request& request);
  Response trained_model(const Request& request);
  Response keep_trained(const Request& request);
  Response job(const Request& request);
  Response stop_job(const Request& request);
  Response health(const Request& request);
  Response ready(const Request& request);
  Response metrics_text(const Request& request);
  Response description(const Request& request);

  ApiOptions options_;
  Metrics metrics_;
  std::function<Load()> load_;
  mutable std::mutex lock_;
  std::shared_ptr<Served> served_;
  std::shared_ptr<const TrainedNetwork> trained_;  // that served_trained_ is of
  std::shared_ptr<Served> served_trained_;
  PageReader page_reader_;
  CountedCollection collection_;
  Job job_;  // last: what it does at its end needs the others
};

}  // namespace scrawl
