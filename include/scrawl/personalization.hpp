// Personalization: a collection of the user's corrected glyphs, and a personal model that is
// fine-tuned on them. Nothing leaves the machine.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <scrawl/dataset.hpp>
#include <scrawl/error.hpp>
#include <scrawl/glyph.hpp>
#include <scrawl/model.hpp>
#include <scrawl/training.hpp>

namespace scrawl {

// ---- The collection: corrected glyphs in files folder/<digit>/<id>.png, 28x28 gray, white on
// black. The id is the first 16 hexadecimal digits of the SHA-256 of the glyph's 784 bytes, so a
// glyph that is added twice is one file. Any tool can show the files, and deleting a file removes
// the correction.

/// The user's collection: $SCRAWL_CORRECTIONS, else $XDG_DATA_HOME/scrawl/corrections, else
/// $STATE_DIRECTORY/corrections (a service of systemd's), else
/// $HOME/.local/share/scrawl/corrections. Throws Error if none of these variables is set.
std::filesystem::path corrections_folder();

/// The id of a glyph in a collection, 16 hexadecimal digits.
std::string glyph_id(GlyphView glyph);

// Several threads and processes may change a collection at the same time: each change locks the
// folder. If a process is killed, each glyph still has one digit and a complete file.

/// A glyph of a collection.
struct Correction {
  std::string id{};              ///< the glyph's id
  int digit = 0;                 ///< the right digit, 0 to 9
  std::filesystem::path file{};  ///< its PNG
};

/// Adds a glyph to a collection, creates the folder if it is missing, and returns the glyph's file.
/// A glyph that is there with another digit gets the new digit. The time does not depend on the
/// size of the collection. Throws std::invalid_argument if `digit` is not 0 to 9. Throws Error if
/// the glyph has no ink, if the file cannot be written, or if another program has locked the
/// collection for 10 seconds.
std::filesystem::path add_correction(const std::filesystem::path& folder, GlyphView glyph,
                                     int digit);

/// Removes a glyph from a collection. Returns false if there is no glyph with this id.
bool remove_correction(const std::filesystem::path& folder, const std::string& id);

/// The glyphs of a collection, ordered by digit and id; none if the folder does not exist. The
/// content of the files is not looked at. If a glyph is there with two digits, because files were
/// copied, the newer file is listed, and the older is removed if that is possible.
std::vector<Correction> list_corrections(const std::filesystem::path& folder);

/// Part of a collection, ordered by id: the first `limit` glyphs whose ids come after `after`. To
/// list all, begin with an empty `after`, continue with the last id of each part, and end when a
/// part is empty. A part exceeds `limit` only if several files have the id of its last glyph.
std::vector<Correction> list_corrections(const std::filesystem::path& folder,
                                         std::string_view after, std::size_t limit);

/// Numbers of glyphs in a collection.
struct CollectionCounts {
  std::size_t size = 0;                           ///< in all
  std::array<std::size_t, digit_count> digits{};  ///< by digit
};

/// Counts the glyphs that list_corrections() would list, without opening files.
CollectionCounts count_corrections(const std::filesystem::path& folder);

// ---- Pictures by digit: folders named 0 to 9, with pictures of any kind and size in them.

/// Whether `folder` contains a folder named 0 to 9.
bool has_pictures_by_digit(const std::filesystem::path& folder);

/// A file that could not be read.
struct UnreadFile {
  std::filesystem::path file{};  ///< the file
  std::string problem{};         ///< the reason, without the file's name
};

/// Pictures by digit as a data set.
struct PicturesByDigit {
  Dataset dataset{};                           ///< glyphs and labels
  std::vector<std::filesystem::path> files{};  ///< file of each glyph: (dataset.size())
  std::vector<UnreadFile> unread{};            ///< files left out, ordered by digit and name
};

/// Loads the pictures in the folders 0 to 9 of `folder`, in the order of their names, except hidden
/// files. Each shows one digit, of which a glyph is made as by Layout::one; a gray picture of 28x28
/// with a black border is a glyph already. Files that cannot be read are listed in `unread`.
/// `threads` is 0 to 1024; 0 means one per core. Throws Error, naming the file, if a picture has no
/// ink, and if there are no pictures. Throws std::invalid_argument if `threads` is out of range.
PicturesByDigit load_pictures_by_digit(const std::filesystem::path& folder, int threads = 0);

/// Loads a part of a data set of either kind, as the option --data does: pictures by digit in
/// `folder` or in its folders train and test, or else what load_dataset() loads, with empty
/// `files`. Without folders train and test, each part consists of all pictures.
PicturesByDigit load_data(const std::filesystem::path& folder, Part part, int threads = 0);

/// Loads a collection as a data set, in the order of list_corrections(); it is empty if the folder
/// does not exist. What is not a regular file, not a picture, or has no ink is listed in `unread`.
PicturesByDigit load_collection(const std::filesystem::path& folder);

// ---- Learning.

/// Options of personalize(). The defaults were measured by bench/personalization.cpp.
struct PersonalizationOptions {
  std::size_t steps = 100;       ///< number of batches of 128
  float learning_rate = 0.005F;  ///< the highest; it falls to 0 along a cosine
  /// Fraction of each batch that comes from the collection, above 0 and below 1.
  float collection_fraction = 0.125F;
  Precision precision = Precision::automatic;  ///< arithmetic of the training
  int threads = 0;                             ///< 0 to 1024; 0 means one per core
  std::uint64_t seed = 1;                      ///< of everything random
};

/// Progress of personalize().
struct PersonalizationProgress {
  std::size_t step = 0;   ///< number of the step, from 1
  std::size_t steps = 0;  ///< steps in all
  double loss = 0;        ///< of this step's batch
  double done = 0;        ///< fraction of the work, 0 to 1
  double seconds = 0;     ///< since personalize() was called
};

/// Functions that personalize() calls, on its caller's thread. Each may be empty.
struct PersonalizationCallbacks {
  /// After each step. If it returns false, personalize() stops and returns the model that it was
  /// given.
  std::function<bool(const PersonalizationProgress&)> on_step;
  /// Before each evaluation, which takes a second or more. If it returns false, personalize() stops
  /// too.
  std::function<bool()> on_measurement;
};

/// Scores of a model, before or after personalize().
struct PersonalizationScore {
  double test = 0;             ///< accuracy on MNIST's test images; only reported
  double validation = 0;       ///< accuracy on the MNIST training images that were held out
  double collection = 0;       ///< accuracy on the collection
  double collection_loss = 0;  ///< average cross-entropy on the collection
};

/// Result of personalize().
struct PersonalizationResult {
  Model model{};      ///< the fine-tuned model, whether it should be kept or not
  bool kept = false;  ///< whether it should be kept: better on the collection, not worse elsewhere
  /// Whether a callback stopped it. Then `model` is the model given, `after` is empty, and `before`
  /// too if it had not been measured yet.
  bool canceled = false;
  std::string reason{};  ///< why it should be kept or not, for people
  /// The reason for programs: better (kept), no_better, forgets or stopped.
  std::string reason_code{};
  PersonalizationScore before{};      ///< scores of the model given
  PersonalizationScore after{};       ///< scores of the fine-tuned model
  std::size_t samples = 0;            ///< number of glyphs in the collection
  std::size_t validation_images = 0;  ///< number of images held out
  double seconds = 0;                 ///< time in all
};

/// Makes a personal model: fine-tunes `model` on the collection mixed with MNIST, augmented as in
/// the preset `best`, with non-digits and digits in rare styles, so that it forgets neither MNIST
/// nor how to reject non-digits. Takes a few seconds.
///
/// Start from default_model() with the whole collection each time, not from the last personal
/// model: small losses then do not add up, and a removed correction is unlearned.
///
/// The test images do not decide whether to keep the result. Instead, 10,000 images of
/// `mnist_train` (half of it, if it has fewer than 20,000) are held out of the training. The
/// built-in model has once learned them, so its accuracy on them says nothing about its quality,
/// but a drop shows what fine-tuning forgets. The result should be kept if the drop is below 0.1
/// percentage points and the collection is read better: more glyphs correctly, or as many with a
/// lower cross-entropy. If not, the average of the two models' weights is tried the same way.
/// `mnist_test` is only reported on.
///
/// The same arguments give the same model. Throws Error if the collection or MNIST is empty, and
/// what train() throws. Throws std::invalid_argument if an option or a data set is invalid.
PersonalizationResult personalize(const Model& model, const Dataset& collection,
                                  const Dataset& mnist_train, const Dataset& mnist_test,
                                  const PersonalizationOptions& options = {},
                                  const PersonalizationCallbacks& callbacks = {});

// ---- The personal model.

/// File of the personal model: $XDG_DATA_HOME/scrawl/personal.safetensors, else
/// $STATE_DIRECTORY/personal.safetensors, else $HOME/.local/share/scrawl/personal.safetensors.
/// Throws Error if none of these variables is set.
std::filesystem::path personal_model_path();

/// The personal model is damaged. undo_personal_model() restores the one before.
class PersonalModelError : public Error {
 public:
  using Error::Error;
};

/// Whether there is a personal model. Returns false, too, if its folder is not accessible.
bool has_personal_model();

/// The personal model if there is one, or else the built-in model. Throws PersonalModelError if the
/// file is damaged.
Model current_model();

/// Makes a model the personal model, and keeps the one before for undo_personal_model().
void save_personal_model(const Model& model);

/// Undoes the last save_personal_model(): the personal model before it, or else the built-in model,
/// is the current model again. Returns false if there is nothing to undo.
bool undo_personal_model();

}  // namespace scrawl
