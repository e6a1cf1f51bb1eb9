// Personalization: the user's corrected glyphs, and a personal model that is fine-tuned on them.
// Nothing leaves the machine.
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

// ---- The collection: corrected glyphs as folder/<digit>/<id>.png, 28x28 gray, white on black. The
// id is the first 16 hexadecimal digits of the SHA-256 of the glyph's 784 bytes, so the same glyph
// twice is one file. Any tool can look at it; a glyph is taken back by deleting its file.

/// $SCRAWL_CORRECTIONS, else $XDG_DATA_HOME/scrawl/corrections, else
/// $HOME/.local/share/scrawl/corrections. Throws Error when none of the three is set.
std::filesystem::path corrections_folder();

/// The name of a glyph in a collection: 16 hexadecimal digits.
std::string glyph_id(GlyphView glyph);

// Several threads and processes may change a collection at once: each change holds the folder's
// lock, and whenever one is killed, a glyph that was there stands under one digit, whole.

/// One glyph of a collection.
struct Correction {
  std::string id{};
  int digit = 0;  ///< what it is, 0 to 9
  std::filesystem::path file{};
};

/// Puts a glyph into the collection (making the folder where there is none) and returns its file.
/// A glyph that stands there under another digit is moved: of several at once, the last wins. Takes
/// as long in a large collection as in a small one. Throws std::invalid_argument when digit is not
/// 0 to 9, Error when there is no ink in the glyph, the disk will not take it, or another program
/// has held the collection for 10 seconds.
std::filesystem::path add_correction(const std::filesystem::path& folder, GlyphView glyph,
                                     int digit);

/// Takes a glyph out of the collection; false when there is none of that id (or it is no id).
bool remove_correction(const std::filesystem::path& folder, const std::string& id);

/// What the collection holds, by digit and id; nothing when there is no such folder. Files are
/// listed whatever is in them. Of a glyph that stands under two digits (somebody has copied files)
/// the newer file is listed, and the other removed where that can be.
std::vector<Correction> list_corrections(const std::filesystem::path& folder);

/// The next page of the collection in the order of ids, whichever digits: the first `limit` whose
/// ids are behind `after`; an empty one begins, no result ends. More than `limit` only where
/// several files have the last one's id.
std::vector<Correction> list_corrections(const std::filesystem::path& folder,
                                         std::string_view after, std::size_t limit);

/// How many glyphs a collection holds.
struct CollectionCounts {
  std::size_t size = 0;                           ///< all of them
  std::array<std::size_t, digit_count> digits{};  ///< by digit
};

/// How many list_corrections would list: no file is opened or looked at.
CollectionCounts count_corrections(const std::filesystem::path& folder);

// ---- Pictures by digit: folders named 0 to 9, with pictures of any kind and size in them.

/// Whether `folder` has a folder named by a digit in it.
bool has_pictures_by_digit(const std::filesystem::path& folder);

/// A file that could not be read.
struct UnreadFile {
  std::filesystem::path file{};
  std::string problem{};  ///< names no file
};

/// Pictures by digit as a data set.
struct PicturesByDigit {
  Dataset dataset{};
  std::vector<std::filesystem::path> files{};  ///< of each glyph: (dataset.size())
  std::vector<UnreadFile> unread{};            ///< by digit and name
};

/// Reads all files in the folders 0 to 9 of `folder`, sorted by name, hidden ones left out, on
/// `threads` threads (0: one for each core; at most 1024): each is one digit, as find_glyph takes
/// it. A gray picture of 28x28 with a black frame is a glyph already and passes unchanged. Files
/// that cannot be read are left out and named in `unread`. Throws Error naming the file when a
/// picture has no ink, and when there is not one picture; std::invalid_argument when `threads`
/// cannot be.
PicturesByDigit load_pictures_by_digit(const std::filesystem::path& folder, int threads = 0);

/// What --data means: pictures by digit in `folder`, or in its folders train and test; else IDX
/// files, as load_dataset reads them (`files` is empty then). Pictures without a folder for the
/// part are all of both parts.
PicturesByDigit load_data(const std::filesystem::path& folder, Part part, int threads = 0);

/// The collection as a data set, in the order of list_corrections; empty when there is none. What
/// is no picture, has no ink or is no regular file is left out and named in `unread`.
PicturesByDigit load_collection(const std::filesystem::path& folder);

// ---- Learning.

/// The defaults are what bench/personalization.cpp found.
struct PersonalizationOptions {
  std::size_t steps = 100;       ///< batches of 128
  float learning_rate = 0.005F;  ///< the highest; a cosine goes down to 0
  float collection_fraction =
      0.125F;  ///< of each batch that is from the collection; between 0 and 1, neither of them
  Precision precision = Precision::automatic;  ///< of the training
  int threads = 0;                             ///< 0: one for each core; at most 1024
  std::uint64_t seed = 1;
};

/// How far learning has come.
struct PersonalizationProgress {
  std::size_t step = 0;  ///< from 1
  std::size_t steps = 0;
  double loss = 0;     ///< of this step's batch
  double done = 0;     ///< fraction of the work, 0 to 1
  double seconds = 0;  ///< since personalize() was called
};

/// What learning calls as it goes, from the calling thread; may be empty.
struct PersonalizationCallbacks {
  std::function<bool(const PersonalizationProgress&)>
      on_step;  ///< false: stop, and keep the model as it was
  /// Before each of the measurements around the steps, which take a second or more; false: the
  /// same.
  std::function<bool()> on_measurement;
};

/// How a model does, before or after.
struct PersonalizationScore {
  double test = 0;             ///< accuracy on MNIST's test images: to report, never to decide by
  double validation = 0;       ///< accuracy on the MNIST training images that were held out
  double collection = 0;       ///< accuracy on the collection
  double collection_loss = 0;  ///< average cross-entropy of the collection
};

struct PersonalizationResult {
  Model model{};      ///< what was learned, whether it is to be kept or not
  bool kept = false;  ///< it is better on the collection and not worse elsewhere: take it
  /// By a callback; then model is the one given, and after is empty, and before where that had not
  /// been measured.
  bool canceled = false;
  std::string reason{};  ///< for people: why it is to be kept, or not
  /// The same for programs: better (kept), no_better, forgets or stopped.
  std::string reason_code{};
  PersonalizationScore before{};
  PersonalizationScore after{};
  std::size_t samples = 0;            ///< in the collection
  std::size_t validation_images = 0;  ///< held out
  double seconds = 0;                 ///< all of it
};

/// Makes a personal model: fine-tunes `model` on the collection mixed with MNIST, augmented as in
/// the preset `best`, with non-digits and digits in rare styles, so that it forgets
/// neither MNIST nor how to reject what is no digit. Takes some seconds.
///
/// Start from default_model() with the whole collection each time, rather than from what was
/// learned last: then small losses do not add up, and a correction that is taken back is unlearned.
///
/// Whether the result is kept is decided without the test images: 10,000 of `mnist_train` (fewer
/// where it has less than 20,000: half) are held out of the replay. The built-in model has been
/// trained on these in its time, so its accuracy on them is no measure of anything; but what
/// fine-tuning makes it forget of them is, and that is compared. Kept: when accuracy on them falls
/// by less than 0.1 points, and the collection is read better (more of it correctly, or as much
/// with less loss). Where it is not, the model half way between the two (in all weights) is tried
/// in its place. `mnist_test` is for the report alone.
///
/// The same arguments give the same model. Throws Error when the collection or MNIST is empty, and
/// what train() throws; std::invalid_argument when an option or a data set cannot be.
PersonalizationResult personalize(const Model& model, const Dataset& collection,
                                  const Dataset& mnist_train, const Dataset& mnist_test,
                                  const PersonalizationOptions& options = {},
                                  const PersonalizationCallbacks& callbacks = {});

// ---- The personal model.

/// Where the personal model is:
/// $XDG_DATA_HOME/scrawl/personal.safetensors, else that in $HOME/.local/share. Throws Error when
/// neither is set.
std::filesystem::path personal_model_path();

/// The personal model is damaged: undo_personal_model() goes back to the one before.
class PersonalModelError : public Error {
 public:
  using Error::Error;
};

/// Whether there is one; false, too, where nobody may look.
bool has_personal_model();

/// The model at personal_model_path() where there is one, else the built-in one. Throws
/// PersonalModelError when the file is damaged.
Model current_model();

/// Makes a model the current one; keeps the one before for undo_personal_model().
void save_personal_model(const Model& model);

/// Goes back to the model before the last save_personal_model(): the one that was learned before,
/// or, where there is none, the built-in one. False when that is the current one already.
bool undo_personal_model();

}  // namespace scrawl
