// Training: scrawl/_training.py calls it, where its options stand as arguments.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include <scrawl/augmentation.hpp>
#include <scrawl/error.hpp>
#include <scrawl/training.hpp>
#include <scrawl/training_options.hpp>

#include "arrays.hpp"
#include "callbacks.hpp"
#include "files/files.hpp"
#include "models.hpp"
#include "paths.hpp"
#include "training/options.hpp"
#include "words.hpp"

namespace scrawl::python {

namespace {

/// "learning rate" is learning_rate.
std::string argument_name(std::string_view name) {
  std::string argument(name);
  std::ranges::replace(argument, ' ', '_');
  return argument;
}

template <typename Number>
Number number_of(const std::string& name, const py::handle& value) {
  py::detail::make_caster<Number> caster;
  if (caster.load(value, true)) return py::detail::cast_op<Number>(caster);
  const char* expected = std::is_same_v<Number, bool>       ? "True or False"
                         : std::is_floating_point_v<Number> ? "a number"
                                                            : "a whole number";
  const std::string text =
      name + ": found " + py::repr(value).cast<std::string>() + ", expected " + expected +
      (std::is_unsigned_v<Number> && !std::is_same_v<Number, bool> ? " that is not negative" : "");
  if (PyNumber_Check(value.ptr()) != 0) throw py::value_error(text);
  throw py::type_error(text);
}

template <typename Value>
Value value_of_option(const TrainingOption<Value>& option, const py::handle& value) {
  const std::string name = argument_name(option.name);
  if constexpr (std::is_arithmetic_v<Value>) {
    return number_of<Value>(name, value);
  } else if constexpr (std::is_enum_v<Value>) {
    return value_of(name, text_of(name, value), option.words);
  } else if constexpr (std::is_same_v<Value, Augmentation>) {
    return parse_augmentation(text_of(name, value));
  } else if constexpr (std::is_same_v<Value, std::vector<Model>>) {
    std::vector<Model> models;
    for (const py::handle model : value)
      models.push_back(model_of(py::reinterpret_borrow<py::object>(model)));
    return models;
  } else {  // the model to start from, which is the argument `model`
    return model_of(py::reinterpret_borrow<py::object>(value));
  }
}

/// The options by their names, but for the model to start from.
void set_options(TrainingOptions& options, const py::dict& given) {
  const py::dict left = given.attr("copy")();
  for_each_training_option([&](const auto& option) {
    const std::string name = argument_name(option.name);
    if (name == "from" || !left.contains(name)) return;
    options.*option.member = value_of_option(option, left.attr("pop")(name));
  });
  for (const auto& [name, value] : left)
    throw py::type_error("train: no option " + py::repr(name).cast<std::string>());
}

struct Task {
  Architecture architecture;
  TrainingOptions options;
};

/// A preset's name, an architecture, or a model to start from.
Task task_of(const py::object& model) {
  Task task;
  if (py::isinstance<Model>(model)) {
    task.options = fine_tuning_options();
    task.options.from = model.cast<Model>();
    task.architecture = task.options.from->architecture;
  } else {
    const std::string name = text_of("model", model);
    if (const auto preset = find_preset(name)) task.options = preset->options;
    task.architecture = architecture_of(name);
  }
  return task;
}

/// Of few images, a sixth is set aside, as of MNIST, and a batch is no more than the rest.
void suit(TrainingOptions& options, std::size_t images) {
  options.validation = std::min(options.validation, images / 6);
  options.batch = std::clamp<std::size_t>(options.batch, 1,
                                          std::max<std::size_t>(1, images - options.validation));
}

TrainingResult train_arrays(const py::object& images, const py::object& labels,
                            const py::object& model, const py::dict& given,
                            const py::object& on_batch, const py::object& on_epoch,
                            const py::object& checkpoint, bool resume) {
  Task task = task_of(model);
  const Dataset dataset = dataset_of(images, labels);
  suit(task.options, dataset.size());
  set_options(task.options, given);

  std::filesystem::path file;
  if (!checkpoint.is_none()) file = resume ? existing_path_of(checkpoint) : path_of(checkpoint);
  if (!file.empty()) require_folder_of(file);
  if (resume && file.empty()) throw py::value_error("resume: from what? Name a checkpoint");
  Caller caller;
  TrainingCallbacks callbacks;
  callbacks.on_batch = [&](const BatchReport& report) { return caller.goes_on(on_batch, report); };
  if (!on_epoch.is_none())
    callbacks.on_epoch = [&](const EpochReport& r) { return caller.goes_on(on_epoch, r); };
  if (!file.empty())
    callbacks.on_checkpoint = [&](const Checkpoint& state) { save_checkpoint(state, file); };

  const py::gil_scoped_release without_gil;
  if (!resume) return train(dataset, task.architecture, task.options, callbacks);
  return resume_training(*load_checkpoint(file), dataset, task.architecture, task.options,
                         callbacks);
}

/// None where no images were set aside: their loss would be 0, which no network's is.
std::optional<double> if_validated(const EpochReport& report, double value) {
  return report.validation.loss > 0 ? std::optional(value) : std::nullopt;
}

Model best_model(const TrainingResult& result) {
  if (result.best) return *result.best;
  throw Error("training: stopped within its first epoch, so that there is no model yet");
}

void define_reports(py::module_& module) {
  py::class_<BatchReport>(module, "BatchReport", "One batch of a training.")
      .def_readonly("epoch", &BatchReport::epoch, "from 1")
      .def_readonly("epochs", &BatchReport::epochs, "how many there will be")
      .def_readonly("batch", &BatchReport::batch, "from 1")
      .def_readonly("batches", &BatchReport::batches, "how many an epoch has")
      .def_readonly("learning_rate", &BatchReport::learning_rate, "of this batch")
      .def_property_readonly(
          "loss", [](const BatchReport& r) { return r.average.loss; },
          "over this epoch's images so far")
      .def_property_readonly(
          "accuracy", [](const BatchReport& r) { return r.average.accuracy; },
          "over this epoch's images so far, 0 to 1");
  py::class_<EpochReport>(module, "EpochReport", "One epoch of a training.")
      .def_readonly("epoch", &EpochReport::epoch, "from 1")
      .def_readonly("epochs", &EpochReport::epochs, "how many there will be")
      .def_property_readonly(
          "train_loss", [](const EpochReport& r) { return r.train.loss; },
          "averaged while the weights were changing")
      .def_property_readonly(
          "train_accuracy", [](const EpochReport& r) { return r.train.accuracy; },
          "averaged while the weights were changing, 0 to 1")
      .def_property_readonly(
          "validation_loss",
          [](const EpochReport& r) { return if_validated(r, r.validation.loss); },
          "after the epoch; None where no images were set aside")
      .def_property_readonly(
          "validation_accuracy",
          [](const EpochReport& r) { return if_validated(r, r.validation.accuracy); },
          "after the epoch, 0 to 1; None where no images were set aside")
      .def_readonly("seconds", &EpochReport::seconds, "of training alone")
      .def_readonly("images_per_second", &EpochReport::images_per_second, "of training alone")
      .def_readonly("best", &EpochReport::best, "whether its model is the best so far")
      .def("__repr__", [](const EpochReport& r) {
        return "EpochReport(epoch=" + std::to_string(r.epoch) + "/" + std::to_string(r.epochs) +
               ", train_accuracy=" + std::to_string(r.train.accuracy) + ")";
      });
}

}  // namespace

void define_training(py::module_& module) {
  define_reports(module);
  py::class_<TrainingResult>(module, "TrainingResult", "What a training made.")
      .def_property_readonly(
          "model", &best_model,
          "the best Model by validation accuracy, or the last where no images were set aside; an "
          "Error when it\nwas stopped within the first epoch")
      .def_readonly("best_epoch", &TrainingResult::best_epoch,
                    "the EpochReport of that model; None when there is none")
      .def_readonly("epochs_done", &TrainingResult::epochs_done, "whole ones")
      .def_readonly("finished", &TrainingResult::finished,
                    "False when a callback stopped it; True when patience did");
  module.def("_train", &train_arrays);
  module.def(
      "presets",
      [] {
        py::dict summaries;
        for (const Preset& preset : presets()) summaries[py::str(preset.name)] = preset.summary;
        return summaries;
      },
      "What each preset that train() knows is for, by name.");
}

}  // namespace scrawl::python
