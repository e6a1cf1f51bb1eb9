/* The C interface, from C99. Each check says on its own line what failed; the program's exit code
 * is 1 then. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scrawl/scrawl.h>

static int failures = 0;

/* What the last call that failed has said. */
static scrawl_error error = SCRAWL_ERROR;

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
              error.message);                                                                 \
      ++failures;                                                                             \
    }                                                                                         \
  } while (0)

#define SEVEN SCRAWL_SOURCE "/examples/pictures/7-mnist.png"
#define PAGE SCRAWL_SOURCE "/examples/pictures/2026-squared-paper.jpg"
#define BLANK SCRAWL_SOURCE "/examples/pictures/blank-page.jpg"

static int error_has(const char* part) {
  return strstr(error.message, part) != NULL;
}

/* The whole file, of up to a megabyte; gone with the program. */
static size_t slurp(const char* name, unsigned char* content) {
  FILE* file = fopen(name, "rb");
  size_t size = file == NULL ? 0 : fread(content, 1, 1 << 20, file);
  if (file != NULL) fclose(file);
  return size;
}

static void reads_a_file(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, SEVEN, NULL, &error);
  const scrawl_digit* digit;
  float sum = 0;
  int i;
  CHECK(reading != NULL);
  CHECK(strcmp(scrawl_reading_text(reading), "7") == 0);
  CHECK(scrawl_reading_count(reading) == 1);
  CHECK(scrawl_reading_digit(reading, 1) == NULL);
  digit = scrawl_reading_digit(reading, 0);
  CHECK(digit != NULL && digit->value == 7);
  if (digit == NULL) return;
  for (i = 0; i < 10; ++i) sum += digit->probabilities[i];
  CHECK(fabsf(sum - 1) < 1e-5F);
  CHECK(digit->confidence == digit->probabilities[7]);
  CHECK(scrawl_reading_confidence(reading) == digit->confidence);
  CHECK(digit->x >= 0 && digit->width > 0 && digit->height > digit->width / 2);
  scrawl_reading_free(reading);
}

static void reads_memory(const scrawl_recognizer* recognizer) {
  static unsigned char content[1 << 20];
  const size_t size = slurp(PAGE, content);
  scrawl_reading* reading = scrawl_read_memory(recognizer, content, size, NULL, &error);
  scrawl_reading* cut_short = scrawl_read_memory(recognizer, content, size / 50, NULL, &error);
  CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "2026 11\n31415926\n718 28") == 0);
  CHECK(cut_short == NULL && error_has("JPEG"));
  CHECK(scrawl_read_memory(recognizer, "no picture", 10, NULL, &error) == NULL);
  CHECK(scrawl_read_memory(recognizer, content, 0, NULL, &error) == NULL);
  scrawl_reading_free(reading);
}

static void a_blank_picture_is_no_error(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, BLANK, NULL, &error);
  CHECK(reading != NULL);
  CHECK(scrawl_reading_count(reading) == 0);
  CHECK(strcmp(scrawl_reading_text(reading), "") == 0);
  CHECK(scrawl_reading_confidence(reading) == 0);
  scrawl_reading_free(reading);
}

enum { side = 60, gap = 5 };

static scrawl_view view_of(const void* pixels, size_t width, size_t height, int format) {
  scrawl_view view = SCRAWL_VIEW;
  view.pixels = pixels;
  view.width = width;
  view.height = height;
  view.format = format;
  return view;
}

static int says(const scrawl_recognizer* recognizer, const scrawl_view* view, const char* text) {
  scrawl_reading* reading = scrawl_read(recognizer, view, NULL, &error);
  const int correct = reading != NULL && strcmp(scrawl_reading_text(reading), text) == 0;
  scrawl_reading_free(reading);
  return correct;
}

static int is_ink(size_t x, size_t y) {
  return x >= 28 && x < 33 && y >= 8 && y < 52;
}

/* An upright bar, which is a 1, in any format of bytes; the alpha is full on it and 0 beside it,
 * where the color is ink too: only alpha tells it from paper. */
static void draw_a_one(uint8_t* pixels, size_t channels, ptrdiff_t stride) {
  size_t x, y, c;
  for (y = 0; y < side; ++y) {
    for (x = 0; x < side; ++x) {
      uint8_t* pixel = pixels + (ptrdiff_t)y * stride + x * channels;
      const int has_alpha = channels % 2 == 0;
      for (c = 0; c < channels - has_alpha; ++c) pixel[c] = is_ink(x, y) || has_alpha ? 20 : 250;
      if (has_alpha) pixel[channels - 1] = is_ink(x, y) ? 255 : 0;
    }
  }
}

static void reads_pixels(const scrawl_recognizer* recognizer) {
  const size_t channels[] = {1, 2, 3, 4, 3, 4};
  static uint8_t pixels[side * (side * 4 + gap)];
  int format;
  for (format = SCRAWL_GRAY; format <= SCRAWL_BGRA; ++format) {
    const size_t row = side * channels[format];
    scrawl_view view = view_of(pixels, side, side, format);
    memset(pixels, 0, sizeof pixels);
    view.stride = (ptrdiff_t)(row + gap);
    draw_a_one(pixels, channels[format], view.stride);
    CHECK(says(recognizer, &view, "1"));
    view.pixels = pixels + (side - 1) * (row + gap); /* from the last row up */
    view.stride = -view.stride;
    CHECK(says(recognizer, &view, "1"));
    view = view_of(pixels, side, side, format);
    draw_a_one(pixels, channels[format], (ptrdiff_t)row);
    CHECK(says(recognizer, &view, "1"));
  }
}

static void reads_16_bits(const scrawl_recognizer* recognizer) {
  static uint16_t pixels[side * side];
  scrawl_view view = view_of(pixels, side, side, SCRAWL_GRAY16);
  size_t x, y;
  for (y = 0; y < side; ++y)
    for (x = 0; x < side; ++x) pixels[y * side + x] = is_ink(x, y) ? 5000 : 64000;
  CHECK(says(recognizer, &view, "1"));
}

/* A page in red and blue differs in gray: what is read as RGB is not read as BGR. */
static void tells_red_from_blue(void) {
  static uint8_t pixels[3] = {200, 100, 50};
  scrawl_view view = view_of(pixels, 1, 1, SCRAWL_BGR);
  scrawl_image* image;
  CHECK(scrawl_image_save_png(&view, "c_interface_test.png", &error) == SCRAWL_OK);
  image = scrawl_image_load("c_interface_test.png", &error);
  CHECK(scrawl_image_view(image, &view, &error) == SCRAWL_OK);
  CHECK(view.width == 1 && view.height == 1 && view.format == SCRAWL_RGB);
  CHECK(memcmp(view.pixels, "\x32\x64\xc8", 3) == 0);
  scrawl_image_free(image);
  remove("c_interface_test.png");
}

static void refuses_pixels_that_cannot_be(const scrawl_recognizer* recognizer) {
  static const uint8_t pixels[4] = {0};
  const size_t huge = (size_t)-1;
  scrawl_view view = view_of(pixels, 0, 1, SCRAWL_GRAY);
  CHECK(scrawl_read(recognizer, &view, NULL, &error) == NULL && error_has("no picture"));
  view = view_of(pixels, 2, 2, 7);
  CHECK(scrawl_read(recognizer, &view, NULL, &error) == NULL && error_has("format is 7"));
  CHECK(error.status == SCRAWL_INVALID_ARGUMENT);
  view = view_of(pixels, 2, 2, SCRAWL_GRAY);
  view.stride = -1;
  CHECK(scrawl_read(recognizer, &view, NULL, &error) == NULL);
  CHECK(error_has("-1 bytes from row to row"));
  view = view_of(pixels, huge, huge, SCRAWL_RGBA);
  CHECK(scrawl_read(recognizer, &view, NULL, &error) == NULL);
  view = view_of(pixels, 1, 100000001, SCRAWL_GRAY);
  CHECK(scrawl_read(recognizer, &view, NULL, &error) == NULL);
  CHECK(error.status == SCRAWL_TOO_LARGE);
}

static void draws_what_it_read(const scrawl_recognizer* recognizer) {
  scrawl_image* image = scrawl_image_load(PAGE, &error);
  scrawl_reading* reading = scrawl_read_image(recognizer, image, NULL, &error);
  scrawl_view view = SCRAWL_VIEW, drawn = SCRAWL_VIEW;
  scrawl_image* explanation;
  CHECK(reading != NULL);
  CHECK(scrawl_image_view(image, &view, &error) == SCRAWL_OK);
  explanation = scrawl_explain(&view, reading, &error);
  CHECK(scrawl_image_view(explanation, &drawn, &error) == SCRAWL_OK);
  CHECK(drawn.format == SCRAWL_RGB && drawn.height > 0);
  scrawl_image_free(explanation);
  scrawl_reading_free(reading);
  scrawl_image_free(image);
}

static void knows_its_lines(const scrawl_recognizer* recognizer) {
  scrawl_read_options options = SCRAWL_READ_OPTIONS;
  scrawl_reading* reading;
  const scrawl_line* line;
  options.min_confidence = 1; /* a character of each digit all the same: '?' */
  reading = scrawl_read_file(recognizer, PAGE, &options, &error);
  CHECK(scrawl_reading_line_count(reading) == 3 && scrawl_reading_line(reading, 3) == NULL);
  line = scrawl_reading_line(reading, 2);
  CHECK(line != NULL && line->offset == 17 && line->length == 6);
  CHECK(line != NULL && line->first == 14 && line->count == 5);
  CHECK(scrawl_reading_digit(reading, 14)->offset == 17);
  CHECK(scrawl_reading_digit(reading, 18)->offset == 22);
  scrawl_reading_free(reading);
}

static void takes_options(const scrawl_recognizer* recognizer) {
  scrawl_read_options options = SCRAWL_READ_OPTIONS;
  scrawl_reading* reading;
  options.layout = SCRAWL_ONE;
  options.min_confidence = 1;
  reading = scrawl_read_file(recognizer, SEVEN, &options, &error);
  CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "?") == 0);
  scrawl_reading_free(reading);
  options.layout = 77;
  CHECK(scrawl_read_file(recognizer, SEVEN, &options, &error) == NULL && error_has("layout is 77"));
  options.layout = SCRAWL_PAGE;
  options.digits = 1000000000; /* once looked for until the end of days */
  CHECK(scrawl_read_file(recognizer, SEVEN, &options, &error) == NULL &&
        error_has("digits is 1000000000, expected 0 to 1000"));
  options.layout = SCRAWL_ONE;
  options.digits = 2; /* once ignored */
  CHECK(scrawl_read_file(recognizer, SEVEN, &options, &error) == NULL && error_has("one digit, 2"));
  options.layout = SCRAWL_PAGE;
  options.digits = 0;
  options.min_confidence = 1.5;
  CHECK(scrawl_read_file(recognizer, SEVEN, &options, &error) == NULL &&
        error_has("min_confidence"));
}

/* A program built with an older scrawl has fewer fields, one built with a newer more. */
static void options_of_other_versions(const scrawl_recognizer* recognizer) {
  struct {
    scrawl_read_options known;
    int unknown;
  } newer = {SCRAWL_READ_OPTIONS, 0};
  scrawl_read_options older = SCRAWL_READ_OPTIONS;
  scrawl_reading* reading;
  older.size = offsetof(scrawl_read_options, min_confidence);
  older.min_confidence = 77; /* not a field of theirs */
  reading = scrawl_read_file(recognizer, SEVEN, &older, &error);
  CHECK(reading != NULL);
  scrawl_reading_free(reading);
  newer.known.size = sizeof newer.known + sizeof newer.unknown;
  reading = scrawl_read_file(recognizer, SEVEN, &newer.known, &error);
  CHECK(reading != NULL);
  scrawl_reading_free(reading);
  newer.unknown = 1;
  CHECK(scrawl_read_file(recognizer, SEVEN, &newer.known, &error) == NULL && error_has("not know"));
  older.size = 0;
  CHECK(scrawl_read_file(recognizer, SEVEN, &older, &error) == NULL &&
        error_has("options.size is 0"));
  older.size = (size_t)-1;
  CHECK(scrawl_read_file(recognizer, SEVEN, &older, &error) == NULL &&
        error_has("options.size is"));
}

static void classifies_glyphs(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, PAGE, NULL, &error);
  const size_t count = scrawl_reading_count(reading);
  uint8_t* glyphs = malloc(count * 784);
  float* probabilities = malloc(count * 10 * sizeof(float));
  size_t i;
  CHECK(count == 19);
  if (glyphs == NULL || probabilities == NULL) exit(1);
  for (i = 0; i < count; ++i)
    memcpy(glyphs + i * 784, scrawl_reading_digit(reading, i)->glyph, 784);
  CHECK(scrawl_classify(recognizer, glyphs, count, probabilities, &error) == SCRAWL_OK);
  for (i = 0; i < count; ++i) {
    CHECK(probabilities[i * 10 + (size_t)scrawl_reading_digit(reading, i)->value] > 0.5F);
  }
  CHECK(scrawl_classify(recognizer, NULL, 0, NULL, &error) == SCRAWL_OK);
  free(probabilities);
  free(glyphs);
  scrawl_reading_free(reading);
}

static void null_is_an_error_and_no_crash(const scrawl_recognizer* recognizer) {
  uint8_t glyph[784] = {0};
  float probabilities[10];
  const scrawl_view view = view_of(glyph, 28, 28, SCRAWL_GRAY);
  const scrawl_view none = SCRAWL_VIEW;
  const scrawl_error fresh = SCRAWL_ERROR;
  error = fresh;
  CHECK(scrawl_read_file(NULL, SEVEN, NULL, &error) == NULL && error_has("recognizer is NULL"));
  CHECK(scrawl_read_file(recognizer, NULL, NULL, &error) == NULL && error_has("file is NULL"));
  CHECK(scrawl_read_file(recognizer, NULL, NULL, NULL) == NULL);
  CHECK(scrawl_read_memory(NULL, glyph, 784, NULL, &error) == NULL);
  CHECK(scrawl_read_memory(recognizer, NULL, 784, NULL, &error) == NULL);
  CHECK(error_has("bytes is NULL"));
  CHECK(scrawl_read(NULL, &view, NULL, &error) == NULL);
  CHECK(scrawl_read(recognizer, NULL, NULL, &error) == NULL && error_has("view is NULL"));
  CHECK(scrawl_read(recognizer, &none, NULL, &error) == NULL && error_has("view.pixels is NULL"));
  CHECK(scrawl_read_image(recognizer, NULL, NULL, &error) == NULL && error_has("image is NULL"));
  CHECK(scrawl_classify(NULL, glyph, 1, probabilities, &error) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_classify(recognizer, NULL, 1, probabilities, &error) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_classify(recognizer, glyph, 1, NULL, NULL) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_image_load(NULL, &error) == NULL && error_has("file is NULL"));
  CHECK(scrawl_image_decode(NULL, 7, &error) == NULL && error_has("bytes is NULL"));
  CHECK(scrawl_image_view(NULL, NULL, &error) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_image_save_png(NULL, "x.png", &error) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_image_save_png(&view, NULL, &error) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_explain(NULL, NULL, &error) == NULL && error_has("reading is NULL"));
  CHECK(scrawl_reading_text(NULL) == NULL);
  CHECK(scrawl_reading_count(NULL) == 0 && scrawl_reading_line_count(NULL) == 0);
  CHECK(scrawl_reading_confidence(NULL) == 0);
  CHECK(scrawl_reading_digit(NULL, 0) == NULL && scrawl_reading_line(NULL, 0) == NULL);
  scrawl_reading_free(NULL);
  scrawl_image_free(NULL);
  scrawl_recognizer_free(NULL);
}

static scrawl_recognizer* load(const char* model_file) {
  scrawl_recognizer_options options = SCRAWL_RECOGNIZER_OPTIONS;
  options.model_file = model_file;
  return scrawl_recognizer_new(&options, &error);
}

static void files_that_are_not_there(const scrawl_recognizer* recognizer) {
  CHECK(load("/nowhere/m.safetensors") == NULL && error_has("/nowhere/m"));
  CHECK(error.status == SCRAWL_NOT_FOUND);
  /* What is read with a recognizer that could not be made says why. */
  CHECK(scrawl_read_file(NULL, SEVEN, NULL, &error) == NULL && error_has("/nowhere/m"));
  CHECK(load(SEVEN) == NULL && error_has("7-mnist.png") && error.status == SCRAWL_INVALID_INPUT);
  CHECK(scrawl_read_file(recognizer, "/nowhere/7.png", NULL, &error) == NULL);
  CHECK(error_has("/nowhere/7.png") && error.status == SCRAWL_NOT_FOUND);
}

/* Of any length that the caller's struct has, and never half a character. */
static void cuts_long_errors(void) {
  char name[3000] = "/nowhere/";
  struct {
    scrawl_error known;
    char behind;
  } small = {SCRAWL_ERROR, 'x'};
  size_t i, length;
  for (i = 9; i < sizeof name - 3; i += 2) memcpy(name + i, "\xc3\xa9", 3); /* e with an accent */
  CHECK(scrawl_image_load(name, &error) == NULL);
  length = strlen(error.message);
  CHECK(length > 1000 && length < sizeof error.message);
  CHECK((unsigned char)error.message[length - 1] == 0xa9);
  small.known.size = offsetof(scrawl_error, message) + 20;
  memset(small.known.message, 'x', sizeof small.known.message);
  CHECK(scrawl_image_load(name, &small.known) == NULL);
  CHECK(strlen(small.known.message) < 20 && small.known.message[20] == 'x');
}

static void loads_a_model(void) {
  static unsigned char content[1 << 22];
  FILE* file = fopen(SCRAWL_SOURCE "/models/default.safetensors", "rb");
  scrawl_recognizer_options options = SCRAWL_RECOGNIZER_OPTIONS;
  scrawl_recognizer* loaded = load(SCRAWL_SOURCE "/models/default.safetensors");
  CHECK(loaded != NULL);
  reads_a_file(loaded);
  scrawl_recognizer_free(loaded);
  CHECK(file != NULL);
  options.model = content;
  options.model_size = file == NULL ? 0 : fread(content, 1, sizeof content, file);
  if (file != NULL) fclose(file);
  options.precision = SCRAWL_F32;
  loaded = scrawl_recognizer_new(&options, &error);
  CHECK(loaded != NULL);
  reads_a_file(loaded);
  scrawl_recognizer_free(loaded);
  options.model_size /= 2;
  CHECK(scrawl_recognizer_new(&options, &error) == NULL && error.status == SCRAWL_INVALID_INPUT);
  options.model_file = SEVEN;
  CHECK(scrawl_recognizer_new(&options, &error) == NULL && error_has("leave one of them out"));
  options.model_file = NULL;
  options.precision = 2;
  CHECK(scrawl_recognizer_new(&options, &error) == NULL && error_has("precision is 2"));
}

static void* work(void* shared) {
  const scrawl_recognizer* recognizer = shared;
  scrawl_error own = SCRAWL_ERROR;
  int i;
  for (i = 0; i < 5; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, SEVEN, NULL, &own);
    const char* text = scrawl_reading_text(reading);
    const int correct = text != NULL && strcmp(text, "7") == 0;
    scrawl_reading_free(reading);
    if (!correct || own.message[0] != '\0') return NULL;
  }
  return shared;
}

static void several_threads_share_a_recognizer(scrawl_recognizer* recognizer) {
  pthread_t threads[4];
  size_t i;
  for (i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, work, recognizer) == 0);
  for (i = 0; i < 4; ++i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    CHECK(result == recognizer);
  }
}

int main(void) {
  scrawl_recognizer* recognizer;
  CHECK(strcmp(scrawl_version(), SCRAWL_VERSION) == 0);
  recognizer = scrawl_recognizer_new(NULL, &error);
  CHECK(recognizer != NULL && error.message[0] == '\0');
  reads_a_file(recognizer);
  reads_memory(recognizer);
  a_blank_picture_is_no_error(recognizer);
  reads_pixels(recognizer);
  reads_16_bits(recognizer);
  tells_red_from_blue();
  refuses_pixels_that_cannot_be(recognizer);
  knows_its_lines(recognizer);
  draws_what_it_read(recognizer);
  takes_options(recognizer);
  options_of_other_versions(recognizer);
  classifies_glyphs(recognizer);
  null_is_an_error_and_no_crash(recognizer);
  files_that_are_not_there(recognizer);
  cuts_long_errors();
  loads_a_model();
  several_threads_share_a_recognizer(recognizer);
  scrawl_recognizer_free(recognizer);
  return failures == 0 ? 0 : 1;
}
