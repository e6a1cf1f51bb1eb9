/* The C interface, from C99. Each check says on its own line what failed; the program's exit code
 * is 1 then. */
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <scrawl/scrawl.h>

static int failures = 0;

#define CHECK(condition)                                                                      \
  do {                                                                                        \
    if (!(condition)) {                                                                       \
      fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, \
              scrawl_last_error());                                                           \
      ++failures;                                                                             \
    }                                                                                         \
  } while (0)

#define SEVEN SCRAWL_SOURCE "/examples/pictures/7-mnist.png"
#define PAGE SCRAWL_SOURCE "/examples/pictures/2026-squared-paper.jpg"
#define BLANK SCRAWL_SOURCE "/examples/pictures/blank-page.jpg"

static int last_error_has(const char* part) {
  return strstr(scrawl_last_error(), part) != NULL;
}

/* The whole file, of up to a megabyte; gone with the program. */
static size_t slurp(const char* name, unsigned char* content) {
  FILE* file = fopen(name, "rb");
  size_t size = file == NULL ? 0 : fread(content, 1, 1 << 20, file);
  if (file != NULL) fclose(file);
  return size;
}

static void reads_a_file(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, SEVEN, NULL);
  const scrawl_digit* digit;
  float sum = 0;
  int i;
  CHECK(reading != NULL);
  CHECK(strcmp(scrawl_reading_text(reading), "7") == 0);
  CHECK(scrawl_reading_count(reading) == 1);
  CHECK(scrawl_reading_digit(reading, 1) == NULL);
  digit = scrawl_reading_digit(reading, 0);
  CHECK(digit != NULL && digit->digit == 7);
  if (digit == NULL) return;
  for (i = 0; i < 10; ++i) sum += digit->probabilities[i];
  CHECK(fabsf(sum - 1) < 1e-5F);
  CHECK(digit->confidence == digit->probabilities[7]);
  CHECK(scrawl_reading_confidence(reading) == digit->confidence);
  CHECK(digit->box.x >= 0 && digit->box.width > 0 && digit->box.height > digit->box.width / 2);
  scrawl_reading_free(reading);
}

static void reads_memory(const scrawl_recognizer* recognizer) {
  static unsigned char content[1 << 20];
  const size_t size = slurp(PAGE, content);
  scrawl_reading* reading = scrawl_read_memory(recognizer, content, size, NULL);
  scrawl_reading* cut_short = scrawl_read_memory(recognizer, content, size / 50, NULL);
  CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "2026 11\n31415926\n718 28") == 0);
  CHECK(cut_short == NULL && last_error_has("JPEG"));
  CHECK(scrawl_read_memory(recognizer, "no picture", 10, NULL) == NULL);
  CHECK(scrawl_read_memory(recognizer, content, 0, NULL) == NULL);
  scrawl_reading_free(reading);
}

static void a_blank_picture_is_no_error(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, BLANK, NULL);
  CHECK(reading != NULL);
  CHECK(scrawl_reading_count(reading) == 0);
  CHECK(strcmp(scrawl_reading_text(reading), "") == 0);
  CHECK(scrawl_reading_confidence(reading) == 0);
  scrawl_reading_free(reading);
}

enum { side = 60, gap = 5 };

/* An upright bar, which is a 1, in any channels; the alpha is full on it and 0 beside it, where the
 * color is ink too: only alpha tells it from paper. */
static void draw_a_one(uint8_t* pixels, size_t channels, size_t stride) {
  size_t x, y, c;
  for (y = 0; y < side; ++y) {
    for (x = 0; x < side; ++x) {
      const int ink = x >= 28 && x < 33 && y >= 8 && y < 52;
      uint8_t* pixel = pixels + y * stride + x * channels;
      const int has_alpha = channels % 2 == 0;
      for (c = 0; c < channels - has_alpha; ++c) pixel[c] = ink || has_alpha ? 20 : 250;
      if (has_alpha) pixel[channels - 1] = ink ? 255 : 0;
    }
  }
}

static void reads_pixels(const scrawl_recognizer* recognizer) {
  size_t channels;
  for (channels = 1; channels <= 4; ++channels) {
    static uint8_t pixels[side * (side * 4 + gap)];
    const size_t stride = side * channels + gap;
    scrawl_reading* reading;
    memset(pixels, 0, sizeof pixels);
    draw_a_one(pixels, channels, stride);
    reading = scrawl_read_pixels(recognizer, pixels, side, side, channels, stride, NULL);
    CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "1") == 0);
    scrawl_reading_free(reading);
    draw_a_one(pixels, channels, side * channels);
    reading = scrawl_read_pixels(recognizer, pixels, side, side, channels, 0, NULL);
    CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "1") == 0);
    scrawl_reading_free(reading);
  }
}

static void refuses_pixels_that_cannot_be(const scrawl_recognizer* recognizer) {
  static const uint8_t pixels[4] = {0};
  const size_t huge = (size_t)-1;
  CHECK(scrawl_read_pixels(recognizer, pixels, 0, 1, 1, 0, NULL) == NULL);
  CHECK(scrawl_read_pixels(recognizer, pixels, 2, 2, 5, 0, NULL) == NULL);
  CHECK(last_error_has("5 channels"));
  CHECK(scrawl_read_pixels(recognizer, pixels, 2, 2, 1, 1, NULL) == NULL);
  CHECK(last_error_has("1 bytes from row to row"));
  CHECK(scrawl_read_pixels(recognizer, pixels, huge, huge, 4, 0, NULL) == NULL);
  CHECK(scrawl_read_pixels(recognizer, pixels, 1, 100000001, 1, 0, NULL) == NULL);
  CHECK(scrawl_read_pixels(recognizer, pixels, 1, 3, 1, huge / 2, NULL) == NULL);
}

static void takes_options(const scrawl_recognizer* recognizer) {
  scrawl_read_options options = SCRAWL_READ_OPTIONS;
  scrawl_reading* reading;
  options.layout = SCRAWL_ONE;
  options.min_confidence = 1;
  reading = scrawl_read_file(recognizer, SEVEN, &options);
  CHECK(reading != NULL && strcmp(scrawl_reading_text(reading), "?") == 0);
  scrawl_reading_free(reading);
  options.layout = 77;
  CHECK(scrawl_read_file(recognizer, SEVEN, &options) == NULL && last_error_has("layout is 77"));
  options.layout = SCRAWL_PAGE;
  options.digits = 1000000000; /* once looked for until the end of days */
  CHECK(scrawl_read_file(recognizer, SEVEN, &options) == NULL &&
        last_error_has("digits is 1000000000, expected 0 to 1000"));
  options.layout = SCRAWL_ONE;
  options.digits = 2; /* once ignored */
  CHECK(scrawl_read_file(recognizer, SEVEN, &options) == NULL && last_error_has("one digit, 2"));
  options.layout = SCRAWL_PAGE;
  options.digits = 0;
  options.min_confidence = 1.5;
  CHECK(scrawl_read_file(recognizer, SEVEN, &options) == NULL && last_error_has("min_confidence"));
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
  reading = scrawl_read_file(recognizer, SEVEN, &older);
  CHECK(reading != NULL);
  scrawl_reading_free(reading);
  newer.known.size = sizeof newer.known + sizeof newer.unknown;
  reading = scrawl_read_file(recognizer, SEVEN, &newer.known);
  CHECK(reading != NULL);
  scrawl_reading_free(reading);
  newer.unknown = 1;
  CHECK(scrawl_read_file(recognizer, SEVEN, &newer.known) == NULL && last_error_has("not know"));
  older.size = 0;
  CHECK(scrawl_read_file(recognizer, SEVEN, &older) == NULL && last_error_has("options.size is 0"));
  older.size = (size_t)-1;
  CHECK(scrawl_read_file(recognizer, SEVEN, &older) == NULL && last_error_has("options.size is"));
}

static void classifies_glyphs(const scrawl_recognizer* recognizer) {
  scrawl_reading* reading = scrawl_read_file(recognizer, PAGE, NULL);
  const size_t count = scrawl_reading_count(reading);
  uint8_t* glyphs = malloc(count * 784);
  float* probabilities = malloc(count * 10 * sizeof(float));
  size_t i;
  CHECK(count == 19);
  if (glyphs == NULL || probabilities == NULL) exit(1);
  for (i = 0; i < count; ++i)
    memcpy(glyphs + i * 784, scrawl_reading_digit(reading, i)->glyph, 784);
  CHECK(scrawl_classify(recognizer, glyphs, count, probabilities) == SCRAWL_OK);
  for (i = 0; i < count; ++i) {
    CHECK(probabilities[i * 10 + (size_t)scrawl_reading_digit(reading, i)->digit] > 0.5F);
  }
  CHECK(scrawl_classify(recognizer, NULL, 0, NULL) == SCRAWL_OK);
  free(probabilities);
  free(glyphs);
  scrawl_reading_free(reading);
}

static void null_is_an_error_and_no_crash(const scrawl_recognizer* recognizer) {
  uint8_t glyph[784] = {0};
  float probabilities[10];
  CHECK(scrawl_recognizer_load(NULL) == NULL && last_error_has("file is NULL"));
  CHECK(scrawl_read_file(NULL, SEVEN, NULL) == NULL && last_error_has("recognizer is NULL"));
  CHECK(scrawl_read_file(recognizer, NULL, NULL) == NULL && last_error_has("file is NULL"));
  CHECK(scrawl_read_memory(NULL, glyph, 784, NULL) == NULL);
  CHECK(scrawl_read_memory(recognizer, NULL, 784, NULL) == NULL && last_error_has("bytes is NULL"));
  CHECK(scrawl_read_pixels(NULL, glyph, 28, 28, 1, 0, NULL) == NULL);
  CHECK(scrawl_read_pixels(recognizer, NULL, 28, 28, 1, 0, NULL) == NULL);
  CHECK(last_error_has("pixels is NULL"));
  CHECK(scrawl_classify(NULL, glyph, 1, probabilities) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_classify(recognizer, NULL, 1, probabilities) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_classify(recognizer, glyph, 1, NULL) == SCRAWL_INVALID_ARGUMENT);
  CHECK(scrawl_reading_text(NULL) == NULL);
  CHECK(scrawl_reading_count(NULL) == 0);
  CHECK(scrawl_reading_confidence(NULL) == 0);
  CHECK(scrawl_reading_digit(NULL, 0) == NULL);
  scrawl_reading_free(NULL);
  scrawl_recognizer_free(NULL);
}

static void files_that_are_not_there(const scrawl_recognizer* recognizer) {
  CHECK(scrawl_recognizer_load("/nowhere/m.safetensors") == NULL && last_error_has("/nowhere/m"));
  CHECK(scrawl_recognizer_load(SEVEN) == NULL && last_error_has("7-mnist.png"));
  CHECK(scrawl_read_file(recognizer, "/nowhere/7.png", NULL) == NULL);
  CHECK(last_error_has("/nowhere/7.png"));
}

static void loads_a_model(void) {
  scrawl_recognizer* loaded = scrawl_recognizer_load(SCRAWL_SOURCE "/models/default.safetensors");
  CHECK(loaded != NULL);
  reads_a_file(loaded);
  scrawl_recognizer_free(loaded);
}

static void* work(void* shared) {
  const scrawl_recognizer* recognizer = shared;
  int i;
  for (i = 0; i < 5; ++i) {
    scrawl_reading* reading = scrawl_read_file(recognizer, SEVEN, NULL);
    const char* text = scrawl_reading_text(reading);
    const int correct = text != NULL && strcmp(text, "7") == 0;
    scrawl_reading_free(reading);
    if (!correct || scrawl_last_error()[0] != '\0')
      return NULL; /* the error was another thread's */
  }
  return shared;
}

static void several_threads_share_a_recognizer(scrawl_recognizer* recognizer) {
  pthread_t threads[4];
  size_t i;
  CHECK(scrawl_read_file(recognizer, "/nowhere/mine.png", NULL) == NULL);
  for (i = 0; i < 4; ++i) CHECK(pthread_create(&threads[i], NULL, work, recognizer) == 0);
  for (i = 0; i < 4; ++i) {
    void* result = NULL;
    pthread_join(threads[i], &result);
    CHECK(result == recognizer);
  }
  CHECK(last_error_has("mine.png"));
}

int main(void) {
  scrawl_recognizer* recognizer;
  CHECK(strcmp(scrawl_version(), SCRAWL_VERSION) == 0);
  CHECK(strcmp(scrawl_last_error(), "") == 0);
  recognizer = scrawl_recognizer_new();
  CHECK(recognizer != NULL);
  reads_a_file(recognizer);
  reads_memory(recognizer);
  a_blank_picture_is_no_error(recognizer);
  reads_pixels(recognizer);
  refuses_pixels_that_cannot_be(recognizer);
  takes_options(recognizer);
  options_of_other_versions(recognizer);
  classifies_glyphs(recognizer);
  null_is_an_error_and_no_crash(recognizer);
  files_that_are_not_there(recognizer);
  loads_a_model();
  several_threads_share_a_recognizer(recognizer);
  scrawl_recognizer_free(recognizer);
  return failures == 0 ? 0 : 1;
}
