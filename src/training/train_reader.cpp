#include "training/train_reader.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <fmt/format.h>
#include <map>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <scrawl/error.hpp>

#include "network/random.hpp"
#include "network/shapes.hpp"
#include "network/weights.hpp"
#include "network_training/training_plan.hpp"
#include "network_training/workers.hpp"
#include "training/check_team.hpp"
#include "training/clock.hpp"
#include "training/evaluate.hpp"
#include "training/history.hpp"
#include "training/schedule.hpp"
#include "training/settings.hpp"

namespace scrawl {

namespace {

constexpr double save_interval = 60;  // seconds
constexpr float max_norm = 5;         // of the gradient

/// A first model finds a center in one cell of twenty, not in each second one.
constexpr float first_center_logit = -3;

/// What makes a picture's local contrast, 128 + 25.4 v (picture/local_contrast.hpp), into v / 2.
constexpr Normalization contrast{128.0F / 255, 2 * 25.4F / 255};

std::size_t batches_of(const PageSource& source, const TrainingOptions& options) {
  return std::max<std::size_t>(1, source.pages_in_epoch / options.batch);
}

Model first_model(const Architecture& architecture, const TrainingOptions& options) {
  if (options.from) return *options.from;
  Model model = initialize(architecture, options.seed);
  model.normalization = contrast;
  model.weights.back().values[DetectionChannels::center] = first_center_logit;
  return model;
}

/// Of more quality, or of as much and a lower loss; the first where there is none yet.
bool is_better(const PageScore& score, const EpochReport& best) {
  if (best.epoch == 0) return true;
  if (score.quality() != best.validation.accuracy) {
    return score.quality() > best.validation.accuracy;
  }
  return score.loss.loss() < best.validation.loss;
}

/// One training from its first batch, or from a checkpoint, to its end.
class ReaderTraining {
 public:
  ReaderTraining(const PageSource& source, const Architecture& architecture,
                 const TrainingOptions& options, const ReaderCallbacks& callbacks,
                 const Checkpoint* from, Team* team);

  TrainingResult run();

 private:
  Checkpoint start() const;
  Checkpoint go_on(Checkpoint checkpoint) const;
  std::map<std::string, std::string> settings() const;
  TargetPage make(const MakePage& make, Random random) const;
  void check_processes();
  void make_validation();
  void make_batch();
  void train_epoch();
  void check_loss(const DetectionSum& sum);
  void report_batch(const DetectionSum& sum);
  void finish_epoch();
  std::size_t step_number() const;
  AdamW adam() const;
  Renormalization renormalization() const;
  double share_done() const;
  const std::vector<Tensor>& model_weights() const {
    return options_.weight_ema > 0 ? progress_.state.weight_ema : progress_.state.weights;
  }
  Model model_now() const;
  Model best_model() const;
  void take_state();
  bool keeps_files() const { return callbacks_.on_checkpoint || callbacks_.on_best; }
  void save();
  void show_best() const;

  const PageSource& source_;
  const Architecture& architecture_;
  const TrainingOptions& options_;
  const ReaderCallbacks& callbacks_;
  Team* team_;
  Model first_;
  std::size_t batches_;  // in an epoch
  DataType type_;
  Checkpoint progress_;  // the training's whole state, ready to be saved
  Workers workers_;
  TrainingPlan plan_;
  std::vector<TargetPage> validation_;  // kind by kind
  std::vector<PageExample> pages_;      // of the batch
  std::vector<const std::uint8_t*> images_;
  std::vector<DetectionTargets> targets_;
  std::size_t state_of_ = 0;  // the step whose state progress_ has
  double making_seconds_ = 0;
  bool stopping_ = false;
  Clock::time_point saved_ = Clock::now();
};

PlanOptions plan_options(const TrainingOptions& options, DataType type, Team* team) {
  return {.batch = options.batch,
          .bf16 = type == DataType::bf16,
          .weight_ema = options.weight_ema > 0,
          .squares = true,
          .seed = options.seed,
          .team = team};
}

ReaderTraining::ReaderTraining(const PageSource& source, const Architecture& architecture,
                               const TrainingOptions& options, const ReaderCallbacks& callbacks,
                               const Checkpoint* from, Team* team)
    : source_(source),
      architecture_(architecture),
      options_(options),
      callbacks_(callbacks),
      team_(team),
      first_(first_model(architecture, options)),
      batches_(batches_of(source, options)),
      type_(training_type(options.precision)),
      progress_(from == nullptr ? start() : go_on(*from)),
      workers_(options.threads),
      plan_(architecture, first_.normalization, plan_options(options, type_, team), progress_.state,
            workers_),
      pages_(options.batch),
      images_(options.batch),
      targets_(options.batch) {
  progress_.normalization = first_.normalization;
  state_of_ = step_number();
  make_validation();
}

std::map<std::string, std::string> ReaderTraining::settings() const {
  auto settings = settings_of(architecture_, options_);
  settings["dataset"] = source_.digest;
  settings["pages in an epoch"] = fmt::format("{}", batches_ * options_.batch);
  return settings;
}

Checkpoint ReaderTraining::start() const {
  Checkpoint checkpoint;
  checkpoint.settings = settings();
  checkpoint.state = {first_.weights, zero_weights(architecture_), {}};
  return checkpoint;
}

Checkpoint ReaderTraining::go_on(Checkpoint checkpoint) const {
  check_settings(checkpoint, settings());
  check_checkpoint(checkpoint, batches_ * options_.batch, batches_);
  return checkpoint;
}

TargetPage ReaderTraining::make(const MakePage& make, Random random) const {
  TargetPage page{make(random), {}, 0};
  const Shape& input = architecture_.input;
  if (page.example.pixels.size() != input.size()) {
    throw Error(fmt::format("training: a page of {} pixels for an input of {}x{}",
                            page.example.pixels.size(), input.height, input.width));
  }
  page.targets = make_targets(page.example.marks, page.example.ignored, page.example.too_small,
                              input.height / cell_pixels, input.width / cell_pixels);
  return page;
}

/// Settings that need not match to resume have to here; and fonts are told from digits.
void ReaderTraining::check_processes() {
  if (team_ == nullptr) return;
  auto facts = facts_of_this_process();
  facts.insert(progress_.settings.begin(), progress_.settings.end());
  const std::size_t digits = std::min(source_.digest.find(' '), source_.digest.size());
  facts["dataset"] = source_.digest.substr(0, digits);
  facts["fonts"] = source_.digest.substr(digits);
  facts["epochs"] = fmt::format("{}", options_.epochs);
  facts["step to begin with"] = fmt::format("{}", step_number());
  check_team(*team_, facts);
}

/// Of a team, each process makes its share.
void ReaderTraining::make_validation() {
  validation_.resize(source_.validation.size() * source_.validation_pages);
  const auto kind_of = [&](std::size_t i) { return i / source_.validation_pages; };
  for (std::size_t i = 0; i < validation_.size(); ++i) validation_[i].kind = kind_of(i);
  const Share own = team_ == nullptr ? Share{0, validation_.size()}
                                     : share_of(validation_.size(), team_->rank(), team_->size());
  workers_.run(own.size(), [&](std::size_t task, std::size_t) {
    const std::size_t i = own.begin + task;
    validation_[i] = make(source_.validation[kind_of(i)].make,
                          Random({options_.seed, random_validation_page, i}));
    validation_[i].kind = kind_of(i);
  });
}

/// The random numbers are those of the page's place in the training, whichever worker of whichever
/// process makes it.
void ReaderTraining::make_batch() {
  const Clock::time_point start = Clock::now();
  const std::size_t begin = step_number() * options_.batch;
  const Share own = plan_.own_rows(options_.batch);
  workers_.run(own.size(), [&](std::size_t task, std::size_t) {
    const std::size_t i = own.begin + task;
    TargetPage page = make(source_.train, Random({options_.seed, random_page, begin + i}));
    pages_[i] = std::move(page.example);
    targets_[i] = std::move(page.targets);
    images_[i] = pages_[i].pixels.data();
  });
  making_seconds_ += seconds_since(start);
}

TrainingResult ReaderTraining::run() {
  check_processes();
  while (!stopping_ && !is_finished(progress_, options_)) {
    train_epoch();
    if (progress_.position.batch == batches_) finish_epoch();
  }
  save();
  TrainingResult result{{}, {}, progress_.position.epoch, is_finished(progress_, options_)};
  if (has_best(progress_)) {
    result.best = best_model();
    result.best_epoch = progress_.best_epoch;
  }
  return result;
}

/// Trains to the end of the epoch, or until a callback wants to stop.
void ReaderTraining::train_epoch() {
  const Clock::time_point start = Clock::now();
  Position& position = progress_.position;
  const double seconds_before = position.seconds;
  while (position.batch < batches_ && !stopping_) {
    make_batch();
    const DetectionSum sum =
        plan_.gradient(PageBatch{images_, targets_, step_number(), renormalization()});
    stopping_ = stopping_ || (team_ != nullptr && team_->stops());
    check_loss(sum);
    plan_.update(adam());
    position.sum.loss += sum.loss();
    ++position.batch;
    position.seconds = seconds_before + seconds_since(start);
    report_batch(sum);
    if (keeps_files() && seconds_since(saved_) > save_interval) save();
  }
}

/// Before it gives up, shows the best model there was; the last checkpoint is the one to go on
/// from.
void ReaderTraining::check_loss(const DetectionSum& sum) {
  if (std::isfinite(sum.loss())) return;
  show_best();
  throw Error(fmt::format(
      "training: the loss became {} in epoch {}, batch {}: the weights grew without bound; lower "
      "the learning rate (now {})",
      sum.loss(), progress_.position.epoch + 1, progress_.position.batch + 1, adam().rate));
}

std::size_t ReaderTraining::step_number() const {
  return static_cast<std::size_t>(progress_.position.epoch) * batches_ + progress_.position.batch;
}

AdamW ReaderTraining::adam() const {
  const std::size_t step = step_number();
  return {.rate = learning_rate(options_, batches_, step),
          .decay = options_.weight_decay,
          .max_norm = max_norm,
          .number = step,
          .ema_decay = ema_decay(options_, step)};
}

double ReaderTraining::share_done() const {
  const auto steps = static_cast<double>(static_cast<std::size_t>(options_.epochs) * batches_);
  return static_cast<double>(step_number()) / steps;
}

/// Over the training, from the crop's own statistics, by which weights find their place, to those
/// that the model will be used with. The limits are those of Ioffe 2017.
Renormalization ReaderTraining::renormalization() const {
  constexpr double begin = 0.05;
  constexpr double end = 0.25;
  const auto share =
      static_cast<float>(std::clamp((share_done() - begin) / (end - begin), 0.0, 1.0));
  return {1 + 2 * share, 5 * share};
}

void ReaderTraining::report_batch(const DetectionSum& sum) {
  if (!callbacks_.on_batch) return;
  const Position& position = progress_.position;
  const bool go_on = callbacks_.on_batch(
      {position.epoch + 1, options_.epochs, position.batch, batches_, adam().rate,
       position.sum.loss / static_cast<double>(position.batch), sum});
  if (go_on) return;
  if (team_ != nullptr) return team_->ask_to_stop();  // so that all stop behind the same step
  stopping_ = true;
}

void ReaderTraining::finish_epoch() {
  Position& position = progress_.position;
  take_state();
  ReaderReport report;
  report.epoch = position.epoch + 1;
  report.epochs = options_.epochs;
  report.train_loss = position.sum.loss / static_cast<double>(batches_);
  report.seconds = position.seconds;
  report.making_seconds = std::exchange(making_seconds_, 0);
  report.pages_per_second = static_cast<double>(batches_ * options_.batch) / position.seconds;
  const Clock::time_point start = Clock::now();
  report.validation =
      score_pages(model_now(), validation_, source_.validation.size(), type_, workers_, team_);
  report.validation_seconds = seconds_since(start);
  report.best = is_better(report.validation, progress_.best_epoch);
  const Score score{report.validation.loss.loss(), report.validation.quality()};
  if (report.best) {
    EpochReport& best = progress_.best_epoch;
    best = {};
    best.epoch = report.epoch;
    best.epochs = report.epochs;
    best.train = {report.train_loss, 0};
    best.validation = score;
    best.seconds = report.seconds;
    best.validation_seconds = report.validation_seconds;
    best.images_per_second = report.pages_per_second;
    best.best = true;
    progress_.best_weights = model_weights();
  }
  add_epoch(progress_.history, {report.epoch, {report.train_loss, 0}, score});
  position = {position.epoch + 1, 0, {}, 0};
  if (callbacks_.on_epoch) callbacks_.on_epoch(report);
}

Model ReaderTraining::model_now() const {
  Model model = first_;
  model.weights = model_weights();
  return model;
}

Model ReaderTraining::best_model() const {
  Model model = model_now();
  model.metadata = progress_.settings;
  model.metadata.erase("architecture");  // which the model file holds anyway
  const EpochReport& best = progress_.best_epoch;
  model.weights = progress_.best_weights;
  model.metadata[history_key] = format_history(progress_.history);
  model.metadata["epoch"] = fmt::format("{}", best.epoch);
  model.metadata["train loss"] = fmt::format("{:.6f}", best.train.loss);
  model.metadata["validation loss"] = fmt::format("{:.6f}", best.validation.loss);
  model.metadata["validation quality"] = fmt::format("{:.6f}", best.validation.accuracy);
  return model;
}

void ReaderTraining::take_state() {
  if (state_of_ == step_number()) return;
  progress_.state = plan_.state();
  state_of_ = step_number();
}

void ReaderTraining::save() {
  saved_ = Clock::now();
  take_state();
  if (callbacks_.on_checkpoint) callbacks_.on_checkpoint(progress_);
  show_best();
}

void ReaderTraining::show_best() const {
  if (callbacks_.on_best && has_best(progress_)) callbacks_.on_best(best_model());
}

}  // namespace

TrainingOptions reader_options() {
  TrainingOptions options;
  options.epochs = 64;
  options.batch = 32;
  options.learning_rate = 2.5e-3F;
  options.weight_decay = 0.02F;
  options.schedule = Schedule::cosine;
  options.warmup = 0.8F;
  options.weight_ema = 0.998F;
  return options;
}

Architecture reader_architecture() {
  std::string text =
      "input 1 128 256, conv 24 3 stride 2, norm, relu, conv 24 3, norm, relu, conv 48 3 stride 2, "
      "norm, relu, ";
  for (const int dilation : {1, 2, 4, 2, 1}) {
    text += fmt::format("conv 48 3, norm, relu, conv 48 3 dilation {}, norm, residual 5, relu, ",
                        dilation);
  }
  return parse_architecture(
      text + fmt::format("conv 48 3, norm, relu, conv {} 1", DetectionChannels::count));
}

/// What is for glyphs and their labels has to be as it is by default.
void check_reader_options(const TrainingOptions& options) {
  check_options(options);
  const TrainingOptions usual = reader_options();
  const auto refuse = [](const char* name) {
    throw OptionError(
        fmt::format("training: {} is for classifiers of digits; a page reader has none", name));
  };
  if (options.momentum != usual.momentum) refuse("momentum");
  if (options.nesterov) refuse("nesterov");
  if (options.smoothing != usual.smoothing) refuse("smoothing");
  if (options.augmentation != usual.augmentation) refuse("augmentation");
  if (options.outliers != usual.outliers) refuse("outliers");
  if (options.rare_styles != usual.rare_styles) refuse("rare styles");
  if (!options.teachers.empty()) refuse("teachers");
  if (options.temperature != usual.temperature) refuse("temperature");
}

TrainingResult train_reader(const PageSource& source, const Architecture& architecture,
                            const TrainingOptions& options, const ReaderCallbacks& callbacks,
                            const Checkpoint* from, Team* team) {
  check_reader_options(options);
  if (options.from) {
    check_model(*options.from);
    if (options.from->architecture != architecture) {
      throw OptionError(fmt::format("training: the model to start from is '{}', expected '{}'",
                                    to_string(options.from->architecture),
                                    to_string(architecture)));
    }
  }
  return ReaderTraining(source, architecture, options, callbacks, from, team).run();
}

}  // namespace scrawl
