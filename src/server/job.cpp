#include "server/job.hpp"

#include <algorithm>
#include <exception>
#include <nlohmann/json.hpp>
#include <span>

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
}

void add_training(const JobState& state, nlohmann::json& json) {
  json["model"] = state.model;
  json["epochs"] = state.epochs;
  json["history"] = nlohmann::json::array();
  for (const EpochReport& report : state.history) json["history"].push_back(to_json(report));
  json["confusion"] = state.confusion ? nlohmann::json(*state.confusion) : nlohmann::json();
  json["mistakes"] = nlohmann::json::array();
  for (const auto& mistake : state.mistakes) json["mistakes"].push_back(to_json(mistake));
}

}  // namespace

void LossCurve::add(double done, double loss) {
  if (count_++ % every_ != 0) return;
  points_.emplace_back(done, loss);
  if (points_.size() < max_points) return;
  for (std::size_t i = 0; 2 * i < points_.size(); ++i) points_[i] = points_[2 * i];
  points_.resize((points_.size() + 1) / 2);
  every_ *= 2;
}

nlohmann::json to_json(const JobState& state) {
  nlohmann::json json = {
      {"kind", nullptr},
      {"running", state.running},
      {"progress", state.done},
      {"seconds", state.seconds},
      {"error", state.error.empty() ? nlohmann::json() : nlohmann::json(state.error)},
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

Job::Ending Job::run_learning(const Model& model,
                              const std::function<void(const Model&)>& on_kept) {
  const Dataset collection = load_collection(corrections_folder()).dataset;
  const Dataset mnist_train = load_dataset(data_, Part::train);
  const Dataset mnist_test = load_dataset(data_, Part::test);
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
    if (!result.canceled) state.done = 1;
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
  const Dataset dataset = load_dataset(data_, Part::train);
  TrainingCallbacks callbacks;
  callbacks.on_batch = [this](const BatchReport& report) {
    const double done = (report.epoch - 1 +
                         static_cast<double>(report.batch) / static_cast<double>(report.batches)) /
                        report.epochs;
    change([&](JobState& state) {
      state.done = done;
      state.losses.add(done, report.average.loss);
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
  callbacks.on_epoch = [this](const EpochReport& report) {
    change([&](JobState& state) { state.history.push_back(report); });
    return !stopping_;
  };
  scrawl::train(dataset, parse_architecture(preset.name), preset.options, callbacks);
  return [](JobState&) {};  // all of it has been said
}

}  // namespace scrawl
