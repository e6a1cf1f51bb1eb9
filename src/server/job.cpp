#include "server/job.hpp"

#include <algorithm>
#include <cstddef>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>
#include <utility>

#include "files/base64.hpp"
#include "server/http.hpp"

namespace scrawl {

namespace {

constexpr std::size_t max_points = 500;  // of a loss curve

nlohmann::json to_json(const std::optional<PersonalizationScore>& score) {
  if (!score) return nullptr;
  return {{"mnist", score->test}, {"collection", score->collection}};
}

nlohmann::json to_json(const EpochReport& report) {
  return {{"epoch", report.epoch},
          {"train_loss", report.train.loss},
          {"train_accuracy", report.train.accuracy},
          {"validation_loss", report.validation.loss},
          {"validation_accuracy", report.validation.accuracy}};
}

nlohmann::json to_json(const std::pair<Mistake, Glyph>& entry) {
  const auto& [mistake, glyph] = entry;
  return {{"glyph", to_base64(std::as_bytes(std::span(glyph)))},
          {"label", mistake.label},
          {"answer", mistake.answer},
          {"confidence", mistake.confidence}};
}

void add_learning(const JobState& state, nlohmann::json& json) {
  json["before"] = to_json(state.before);
  json["after"] = to_json(state.after);
  json["kept"] = state.kept ? nlohmann::json(*state.kept) : nlohmann::json();
  json["reason"] = state.reason;
  json["reason_code"] =
      state.reason_code.empty() ? nlohmann::json() : nlohmann::json(state.reason_code);
  json["can_keep"] = state.unkept != nullptr;
}

void add_training(const JobState& state, nlohmann::json& json) {
  json["model"] = state.model;
  json["epochs"] = state.epochs;
  json["test_accuracy"] =
      state.test_accuracy ? nlohmann::json(*state.test_accuracy) : nlohmann::json();
  json["history"] = nlohmann::json::array();
  for (const EpochReport& report : state.history) json["history"].push_back(to_json(report));
  json["confusion"] = state.confusion ? nlohmann::json(*state.confusion) : nlohmann::json();
  json["mistakes"] = nlohmann::json::array();
  for (const auto& mistake : state.mistakes) json["mistakes"].push_back(to_json(mistake));
}

}  // namespace

void LossCurve::add(double done, double loss) {
  sum_ += loss;
  if (++count_ < every_) return;
  points_.emplace_back(done, sum_ / static_cast<double>(count_));
  sum_ = 0;
  count_ = 0;
  if (points_.size() < max_points) return;
  for (std::size_t i = 0; i < max_points / 2; ++i)
    points_[i] = {points_[2 * i + 1].first,
                  (points_[2 * i].second + points_[2 * i + 1].second) / 2};
  points_.resize(max_points / 2);
  every_ *= 2;
}

nlohmann::json to_json(const JobState& state) {
  nlohmann::json json = {
      {"kind", nullptr},
      {"running", state.running},
      {"progress", state.done},
      {"seconds", state.seconds},
      {"error", state.error.empty() ? nlohmann::json() : nlohmann::json(state.error)},
      {"error_code",
       state.error_code.empty() ? nlohmann::json() : nlohmann::json(state.error_code)},
      {"losses", state.losses.points()}};
  if (state.kind == JobState::Kind::learning) {
    json["kind"] = "learning";
    add_learning(state, json);
  }
  if (state.kind == JobState::Kind::training) {
    json["kind"] = "training";
    add_training(state, json);
  }
  return json;
}

nlohmann::json to_json(const TrainedNetwork& network) {
  return {{"name", network.name},
          {"architecture", to_string(network.model.architecture)},
          {"epoch", network.epoch.epoch},
          {"epochs", network.epoch.epochs},
          {"validation_accuracy", network.epoch.validation.accuracy},
          {"test_accuracy",
           network.test_accuracy ? nlohmann::json(*network.test_accuracy) : nlohmann::json()}};
}

Job::~Job() {
  stop();
  if (thread_.joinable()) thread_.join();
}

JobState Job::state() const {
  const std::lock_guard guard(lock_);
  JobState state = state_;
  if (state.running) {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
    state.seconds = seconds.count();
  }
  return state;
}

std::shared_ptr<const TrainedNetwork> Job::trained() const {
  const std::lock_guard guard(lock_);
  return trained_;
}

std::shared_ptr<const Model> Job::take_unkept() {
  const std::lock_guard guard(lock_);
  if (state_.unkept) state_.kept = true;
  return std::exchange(state_.unkept, nullptr);
}

void Job::change(const std::function<void(JobState&)>& body) {
  const std::lock_guard guard(lock_);
  body(state_);
}

bool Job::start(JobState state, std::function<Ending()> work) {
  const std::lock_guard guard(lock_);
  if (state_.running) return false;
  if (thread_.joinable()) thread_.join();  // it has said its last word
  stopping_ = false;
  state_ = std::move(state);
  state_.running = true;
  began_ = std::chrono::steady_clock::now();
  thread_ = std::thread([this, work = std::move(work)] {
    Ending ending;
    try {
      ending = work();
    } catch (const MissingDatasetError& failure) {
      ending = [error = without_folders(failure.what())](JobState& now) {
        now.error = error + "; get MNIST with: scrawl data fetch";
        now.error_code = "no_mnist";
      };
    } catch (const std::exception& failure) {
      ending = [error = without_folders(failure.what())](JobState& now) { now.error = error; };
    }
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - began_;
    change([&](JobState& now) {
      now.running = false;
      now.seconds = seconds.count();
      ending(now);
    });
  });
  return true;
}

bool Job::learn(Model model, std::function<void(const Model&)> on_kept) {
  JobState state;
  state.kind = JobState::Kind::learning;
  return start(std::move(state), [this, model = std::move(model), on_kept = std::move(on_kept)] {
    return run_learning(model, on_kept);
  });
}

Dataset Job::load_mnist(Part part) const {
  if (data_.empty()) throw MissingDatasetError("the server has no folder for data (--data)", {});
  return load_dataset(data_, part);
}

Job::Ending Job::run_learning(const Model& model,
                              const std::function<void(const Model&)>& on_kept) {
  const Dataset collection = load_collection(corrections_folder()).dataset;
  const Dataset mnist_train = load_mnist(Part::train);
  const Dataset mnist_test = load_mnist(Part::test);
  PersonalizationCallbacks callbacks;
  callbacks.on_step = [this](const PersonalizationProgress& progress) {
    change([&](JobState& state) {
      state.done = progress.done;
      state.losses.add(progress.done, progress.loss);
    });
    return !stopping_;
  };
  PersonalizationResult result =
      personalize(model, collection, mnist_train, mnist_test, {}, callbacks);
  if (result.kept) on_kept(result.model);
  return [result = std::move(result)](JobState& state) {
    state.before = result.before;
    if (!result.canceled) state.after = result.after;
    state.kept = result.kept;
    state.reason = result.reason;
    state.reason_code = result.reason_code;
    if (result.canceled) return;
    state.done = 1;
    if (!result.kept) state.unkept = std::make_shared<const Model>(result.model);
  };
}

bool Job::train(const Preset& preset) {
  JobState state;
  state.kind = JobState::Kind::training;
  state.model = preset.name;
  state.epochs = preset.options.epochs;
  return start(std::move(state), [this, preset] { return run_training(preset); });
}

Job::Ending Job::run_training(const Preset& preset) {
  const Dataset dataset = load_mnist(Part::train);
  TrainingCallbacks callbacks;
  double sum_before = 0;  // of the epoch's losses
  callbacks.on_batch = [this, &sum_before](const BatchReport& report) {
    const auto batch = static_cast<double>(report.batch);
    if (report.batch == 1) sum_before = 0;
    const double sum = report.average.loss * batch;
    const double loss = sum - sum_before;  // of this batch: the mean of an epoch lags far behind
    sum_before = sum;
    const double done =
        (report.epoch - 1 + batch / static_cast<double>(report.batches)) / report.epochs;
    change([&](JobState& state) {
      state.done = done;
      state.losses.add(done, loss);
    });
    return !stopping_;
  };
  callbacks.on_validation = [&](const ValidationReport& report) {
    change([&](JobState& state) {
      state.confusion = report.confusion;
      state.mistakes.clear();
      for (const Mistake& mistake : report.mistakes) {
        Glyph glyph;
        std::ranges::copy(dataset.image(mistake.index), glyph.begin());
        state.mistakes.emplace_back(mistake, glyph);
      }
    });
  };
  EpochReport best;
  callbacks.on_epoch = [this, &best](const EpochReport& report) {
    if (report.best) best = report;
    change([&](JobState& state) { state.history.push_back(report); });
    return !stopping_;
  };
  callbacks.on_best = [&](const Model& model) {
    auto network = std::make_shared<const TrainedNetwork>(
        TrainedNetwork{preset.name, model, best, std::nullopt});
    const std::lock_guard guard(lock_);
    trained_ = std::move(network);
  };
  const TrainingResult result =
      scrawl::train(dataset, parse_architecture(preset.name), preset.options, callbacks);
  if (!result.best) return [](JobState&) {};  // all of it has been said
  return [accuracy = test_trained()](JobState& state) { state.test_accuracy = accuracy; };
}

/// What the network that was trained reads of MNIST's test images, where these are there.
std::optional<double> Job::test_trained() {
  TrainedNetwork network = *trained();
  try {
    network.test_accuracy = evaluate(network.model, load_mnist(Part::test)).score.accuracy;
  } catch (const MissingDatasetError&) {
    return std::nullopt;
  }
  const std::lock_guard guard(lock_);
  trained_ = std::make_shared<const TrainedNetwork>(network);
  return network.test_accuracy;
}

}  // namespace scrawl
