#include "pages/fonts.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <fmt/format.h>
#include <map>
#include <string_view>
#include <system_error>

#ifdef SCRAWL_FREETYPE
#include <dlfcn.h>
#include <ft2build.h>
#include <memory>
#include FT_FREETYPE_H
#include FT_OUTLINE_H
#endif

namespace scrawl::pages {

namespace {

namespace fs = std::filesystem;

struct KnownFont {
  std::string_view file;
  bool script;
};

// Package by package; see scripts/install-packages.
constexpr KnownFont known_fonts[] = {
    {"DejaVuSans.ttf", false},
    {"DejaVuSans-Bold.ttf", false},
    {"DejaVuSansMono.ttf", false},
    {"DejaVuSerif.ttf", false},
    {"LiberationSans-Regular.ttf", false},
    {"LiberationSans-Bold.ttf", false},
    {"LiberationSans-Italic.ttf", false},
    {"LiberationSerif-Regular.ttf", false},
    {"LiberationSerif-Bold.ttf", false},
    {"LiberationSerif-Italic.ttf", false},
    {"LiberationMono-Regular.ttf", false},
    {"LiberationSansNarrow-Regular.ttf", false},
    {"Lato-Light.ttf", false},
    {"Lato-Regular.ttf", false},
    {"Lato-Heavy.ttf", false},
    {"GNUTypewriter.ttf", false},
    {"OCRA.ttf", false},
    {"OCRB.otf", false},
    {"Gentium-R.ttf", false},
    {"Gentium-I.ttf", false},
    {"Dustismo_Roman.ttf", false},
    {"Delphine.ttf", true},
    {"SteveHand.ttf", true},
    {"Kristi.ttf", true},
    {"dkg.ttf", true},
    {"Breip.ttf", true},
    {"Rufscript010.ttf", true},
    {"femkeklaver.ttf", true},
    {"Domestic_Manners.ttf", true},
    {"Junkyard.ttf", true},
    {"Humor-Sans.ttf", true},
    {"TomsonTalks.ttf", true},
    {"ComicNeue-Regular.otf", true},
    {"KleeOne-Regular.ttf", true},
    {"Isabella.ttf", true},
    {"Ecolier-court.ttf", true},
    {"DancingScript-Regular.otf", true},
};

std::vector<fs::path> font_folders() {
  std::vector<fs::path> folders{"/usr/share/fonts", "/usr/local/share/fonts", "/Library/Fonts"};
  if (const char* home = std::getenv("HOME"); home != nullptr) {
    folders.push_back(fs::path(home) / ".local/share/fonts");
    folders.push_back(fs::path(home) / ".fonts");
  }
  return folders;
}

}  // namespace

FontFiles find_fonts() {
  std::map<std::string, fs::path> files;  // by name
  for (const fs::path& folder : font_folders()) {
    std::error_code failed;
    fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied,
                                        failed);
    for (; !failed && at != fs::recursive_directory_iterator(); at.increment(failed))
      files.emplace(at->path().filename().string(), at->path());
  }
  FontFiles fonts;
  for (const KnownFont& font : known_fonts) {
    const auto file = files.find(std::string(font.file));
    if (file == files.end())
      fonts.missing.emplace_back(font.file);
    else
      fonts.found.push_back(file->second);
  }
  return fonts;
}

#ifdef SCRAWL_FREETYPE

namespace {

/// FreeType, loaded when fonts are asked for: nothing else needs it.
class Library {
 public:
  Library() : handle_(::dlopen("libfreetype.so.6", RTLD_NOW | RTLD_LOCAL)) {
    if (handle_ == nullptr) return;
    load("FT_Init_FreeType", init);
    load("FT_Done_FreeType", done);
    load("FT_New_Face", new_face);
    load("FT_Done_Face", done_face);
    load("FT_Get_Char_Index", get_char_index);
    load("FT_Load_Glyph", load_glyph);
    load("FT_Outline_Decompose", decompose);
    if (handle_ != nullptr && init(&library) != 0) close();
  }
  ~Library() {
    if (handle_ == nullptr) return;
    done(library);
    close();
  }
  Library(const Library&) = delete;
  Library& operator=(const Library&) = delete;

  explicit operator bool() const { return handle_ != nullptr; }

  FT_Library library = nullptr;
  decltype(&FT_Init_FreeType) init = nullptr;
  decltype(&FT_Done_FreeType) done = nullptr;
  decltype(&FT_New_Face) new_face = nullptr;
  decltype(&FT_Done_Face) done_face = nullptr;
  decltype(&FT_Get_Char_Index) get_char_index = nullptr;
  decltype(&FT_Load_Glyph) load_glyph = nullptr;
  decltype(&FT_Outline_Decompose) decompose = nullptr;

 private:
  template <typename Function>
  void load(const char* name, Function& function) {
    if (handle_ == nullptr) return;
    function = reinterpret_cast<Function>(::dlsym(handle_, name));
    if (function == nullptr) close();
  }
  void close() {
    ::dlclose(handle_);
    handle_ = nullptr;
  }

  void* handle_;
};

/// Straight pieces in place of curves.
struct Flattened {
  Shape shape;
  Point at;
};

Point to_point(const FT_Vector* v) {
  return {static_cast<float>(v->x), -static_cast<float>(v->y)};
}

int move_to(const FT_Vector* to, void* user) {
  auto& flat = *static_cast<Flattened*>(user);
  flat.shape.end();
  flat.at = to_point(to);
  flat.shape.add(flat.at);
  return 0;
}

int line_to(const FT_Vector* to, void* user) {
  auto& flat = *static_cast<Flattened*>(user);
  flat.at = to_point(to);
  flat.shape.add(flat.at);
  return 0;
}

constexpr int pieces = 4;  // of a curve

int conic_to(const FT_Vector* control, const FT_Vector* to, void* user) {
  auto& flat = *static_cast<Flattened*>(user);
  const Point a = flat.at, b = to_point(control), c = to_point(to);
  for (int i = 1; i <= pieces; ++i) {
    const float t = static_cast<float>(i) / pieces, s = 1 - t;
    flat.shape.add(
        {s * s * a.x + 2 * s * t * b.x + t * t * c.x, s * s * a.y + 2 * s * t * b.y + t * t * c.y});
  }
  flat.at = c;
  return 0;
}

int cubic_to(const FT_Vector* one, const FT_Vector* two, const FT_Vector* to, void* user) {
  auto& flat = *static_cast<Flattened*>(user);
  const Point a = flat.at, b = to_point(one), c = to_point(two), d = to_point(to);
  for (int i = 1; i <= pieces; ++i) {
    const float t = static_cast<float>(i) / pieces, s = 1 - t;
    const float k0 = s * s * s, k1 = 3 * s * s * t, k2 = 3 * s * t * t, k3 = t * t * t;
    flat.shape.add(
        {k0 * a.x + k1 * b.x + k2 * c.x + k3 * d.x, k0 * a.y + k1 * b.y + k2 * c.y + k3 * d.y});
  }
  flat.at = d;
  return 0;
}

constexpr FT_Outline_Funcs functions{move_to, line_to, conic_to, cubic_to, 0, 0};

/// As trace_outlines has them, with the ink on the right of their way: TrueType and PostScript
/// differ.
void turn_outlines(Shape& shape) {
  float area = 0;
  std::uint32_t begin = 0;
  for (const std::uint32_t end : shape.ends) {
    for (std::uint32_t i = begin; i < end; ++i) {
      const PenPoint &a = shape.points[i], &b = shape.points[i + 1 < end ? i + 1 : begin];
      area += a.x * b.y - b.x * a.y;
    }
    begin = end;
  }
  if (area >= 0) return;
  begin = 0;
  for (const std::uint32_t end : shape.ends) {
    std::reverse(shape.points.begin() + begin, shape.points.begin() + end);
    begin = end;
  }
}

/// Scaled so that the digit 0 is 1 high; false where a digit is missing.
bool scale_to_digits(Font& font) {
  for (char digit = '0'; digit <= '9'; ++digit)
    if (font.glyph(digit).outlines.points.empty()) return false;
  const Rectangle zero = extent(font.glyph('0').outlines);
  const float scale = 1 / zero.height();
  for (FontGlyph& glyph : font.glyphs) {
    for (PenPoint& p : glyph.outlines.points) p = {p.x * scale, p.y * scale, 0, 1};
    glyph.advance *= scale;
  }
  return true;
}

bool read_glyphs(const Library& library, FT_Face face, Font& font) {
  for (char c = first_character; c <= last_character; ++c) {
    FontGlyph& glyph = font.glyphs[static_cast<std::size_t>(c - first_character)];
    const FT_UInt index = library.get_char_index(face, static_cast<FT_ULong>(c));
    if (index == 0) continue;  // the font has a box for what it lacks
    if (library.load_glyph(face, index, FT_LOAD_NO_SCALE) != 0) continue;
    if (face->glyph->format != FT_GLYPH_FORMAT_OUTLINE) return false;
    Flattened flat;
    flat.shape.filled = true;
    if (library.decompose(&face->glyph->outline, &functions, &flat) != 0) continue;
    flat.shape.end();
    turn_outlines(flat.shape);
    glyph.outlines = std::move(flat.shape);
    glyph.advance = static_cast<float>(face->glyph->advance.x);
    if (c == last_character) break;
  }
  return scale_to_digits(font);
}

bool is_script(const std::string& name) {
  const auto known = std::ranges::find(known_fonts, name, &KnownFont::file);
  return known != std::end(known_fonts) && known->script;
}

}  // namespace

std::vector<Font> load_fonts(std::span<const fs::path> files, std::vector<std::string>& problems) {
  std::vector<Font> fonts;
  const Library library;
  if (!library) {
    problems.emplace_back("libfreetype.so.6 cannot be loaded: pages are without printed text");
    return fonts;
  }
  for (const fs::path& file : files) {
    FT_Face face = nullptr;
    Font font;
    font.name = file.filename().string();
    font.script = is_script(font.name);
    const bool opened = library.new_face(library.library, file.c_str(), 0, &face) == 0;
    if (opened && read_glyphs(library, face, font))
      fonts.push_back(std::move(font));
    else
      problems.push_back(fmt::format("{}: no font with digits in outlines", file.string()));
    if (opened) library.done_face(face);
  }
  return fonts;
}

#else

std::vector<Font> load_fonts(std::span<const fs::path>, std::vector<std::string>& problems) {
  problems.emplace_back("this build has no FreeType: pages are without printed text");
  return {};
}

#endif

}  // namespace scrawl::pages
