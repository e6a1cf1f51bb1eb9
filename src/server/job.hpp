// A learning or a training that goes on while the server answers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/personalization.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

/// Losses over the time of a job, thinned out so that there are never more than 500.
class LossCurve {
 public:
  /// `done`: fraction of the job, 0 to 1.
  void add(double done, double loss);
  const std::vector<std::pair<double, double>>& points() const { return points_; }

 private:
  std::vector<std::pair<double, double>> points_;
  std::size_t every_ = 1;  // so many losses make a point
  std::size_t count_ = 0;
};

/// What there is to know of a job, running or done.
struct JobState {
  enum class Kind { none, learning, training };

  Kind kind = Kind::none;
  bool running = false;
  double done = 0;  ///< fraction, 0 to 1
  double seconds = 0;
  std::string error;
  LossCurve losses;
  // Of a learning:
  std::optional<PersonalizationScore> before;
  std::optional<PersonalizationScore> after;
  std::optional<bool> kept;
  std::string reason;
  std::string reason_code;  // of PersonalizationResult; empty: there is no result
  // Of a training:
  std::string model;
  int epochs = 0;
  std::vector<EpochReport> history;
  std::optional<Confusion> confusion;
  std::vector<std::pair<Mistake, Glyph>> mistakes;
};

nlohmann::json to_json(const JobState& state);

/// At most one job at a time. Safe to call from any thread.
class Job {
 public:
  /// `data` is the folder with MNIST.
  explicit Job(std::filesystem::path data) : data_(std::move(data)) {}
  ~Job();

  /// Starts to teach `model` the collection; `on_kept` is called, from another thread, with a model
  /// that is worth keeping. False when there is a job already.
  bool learn(Model model, std::function<void(const Model&)> on_kept);

  /// Starts a training of a preset. False when there is a job already.
  bool train(const Preset& preset);

  /// Lets the job, if there is one, come to an end soon.
  void stop() { stopping_ = true; }

  JobState state() const;

 private:
  /// Says in the state what came out, in one step with the end, so that nobody sees the one
  /// without the other.
  using Ending = std::function<void(JobState&)>;

  bool start(JobState state, std::function<Ending()> work);
  void change(const std::function<void(JobState&)>& body);
  Ending run_learning(const Model& model, const std::function<void(const Model&)>& on_kept);
  Ending run_training(const Preset& preset);

  std::filesystem::path data_;
  mutable std::mutex lock_;
  JobState state_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace scrawl
