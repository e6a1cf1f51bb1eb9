// A learning or a training that goes on while the server answers.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/model.hpp>
#include <scrawl/personalization.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

/// Losses over the time of a job, thinned out so that there are never more than 500 points, each
/// the mean of as many batches.
class LossCurve {
 public:
  /// `done`: fraction of the job, 0 to 1. `loss`: of one batch.
  void add(double done, double loss);
  const std::vector<std::pair<double, double>>& points() const { return points_; }

 private:
  std::vector<std::pair<double, double>> points_;
  std::size_t every_ = 4;  // so many losses make a point: one batch alone is mostly noise
  std::size_t count_ = 0;  // of losses since the last point
  double sum_ = 0;         // of these
};

/// A network that was trained here: the best so far, from the end of its first epoch on.
struct TrainedNetwork {
  std::string name;  ///< of its preset
  Model model;
  EpochReport epoch;                    ///< after which it was like this
  std::optional<double> test_accuracy;  ///< on MNIST's test images, measured when it is done
};

nlohmann::json to_json(const TrainedNetwork& network);

/// What there is to know of a job, running or done.
struct JobState {
  enum class Kind { none, learning, training };

  Kind kind = Kind::none;
  bool running = false;
  double done = 0;  ///< fraction, 0 to 1
  double seconds = 0;
  std::string error;
  std::string error_code;  // for programs: no_mnist, or empty
  LossCurve losses;
  // Of a learning:
  std::optional<PersonalizationScore> before;
  std::optional<PersonalizationScore> after;
  std::optional<bool> kept;
  std::string reason;
  std::string reason_code;              // of PersonalizationResult; empty: there is no result
  std::shared_ptr<const Model> unkept;  // what was learned and not kept; it can be all the same
  // Of a training:
  std::string model;
  int epochs = 0;
  std::vector<EpochReport> history;
  std::optional<double> test_accuracy;  // of the best epoch's network; measured at the end
  std::optional<Confusion> confusion;
  std::vector<std::pair<Mistake, Glyph>> mistakes;
};

nlohmann::json to_json(const JobState& state);

/// At most one job at a time. Safe to call from any thread.
class Job {
 public:
  /// `data` is the folder with MNIST; empty: there is none.
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

  /// The network of the last training; null before the end of its first epoch. It stays when
  /// something else is learned or trained, until that has a network of its own.
  std::shared_ptr<const TrainedNetwork> trained() const;

  /// Takes what the last learning did not keep, for it is kept now. Null when there is nothing.
  std::shared_ptr<const Model> take_unkept();

 private:
  /// Says in the state what came out, in one step with the end, so that nobody sees the one
  /// without the other.
  using Ending = std::function<void(JobState&)>;

  bool start(JobState state, std::function<Ending()> work);
  void change(const std::function<void(JobState&)>& body);
  Dataset load_mnist(Part part) const;
  Ending run_learning(const Model& model, const std::function<void(const Model&)>& on_kept);
  Ending run_training(const Preset& preset);
  std::optional<double> test_trained();

  std::filesystem::path data_;
  mutable std::mutex lock_;
  JobState state_;
  std::shared_ptr<const TrainedNetwork> trained_;
  std::chrono::steady_clock::time_point began_;
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

}  // namespace scrawl
