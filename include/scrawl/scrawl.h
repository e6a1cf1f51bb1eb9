/* scrawl from C: reads handwritten digits.
 *
 *     scrawl_recognizer *recognizer = scrawl_recognizer_new();
 *     scrawl_reading *reading = NULL;
 *     if (recognizer) reading = scrawl_read_file(recognizer, "7.png", NULL);
 *     puts(reading ? scrawl_reading_text(reading) : scrawl_last_error());
 *     scrawl_reading_free(reading);
 *     scrawl_recognizer_free(recognizer);
 *
 * Errors: a function that gives a pointer gives NULL, one that gives a status gives another than
 * SCRAWL_OK, and scrawl_last_error() says what happened and what to do. NULL for an argument is an
 * error, never a crash, but where it is said to be allowed. No C++ exception comes out.
 *
 * Ownership: what a function named ..._new, ..._load or scrawl_read_... gives is yours, to be freed
 * by the function named ..._free, which takes NULL too. All other pointers belong to what they were
 * asked of, and are gone with it. What you pass in is only looked at during the call.
 *
 * Threads: one recognizer may be used by many threads at once, and so may one reading; nobody may
 * use it any more when it is freed. The last error is the calling thread's own.
 *
 * Growth: fields are added at the end of structs, and nothing else of them changes, as long as the
 * library's name (libscrawl.so.N) stays. */
#ifndef SCRAWL_SCRAWL_H
#define SCRAWL_SCRAWL_H

#include <stddef.h>
#include <stdint.h>

#include <scrawl/export.h>

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): as C names things */

/* What became of a call. */
typedef enum scrawl_status {
  SCRAWL_OK = 0,
  SCRAWL_ERROR = 1,            /* a file, a picture or a model is not as it has to be */
  SCRAWL_INVALID_ARGUMENT = 2, /* a mistake in the call */
  SCRAWL_OUT_OF_MEMORY = 3
} scrawl_status;

/* A model, compiled for this machine. */
typedef struct scrawl_recognizer scrawl_recognizer;

/* What a picture says. */
typedef struct scrawl_reading scrawl_reading;

/* How a picture is taken. */
typedef enum scrawl_layout {
  SCRAWL_PAGE = 0, /* any number of digits in any number of lines */
  SCRAWL_LINE = 1, /* one line, however uneven */
  SCRAWL_ONE = 2   /* one digit: the most prominent ink, and what is near it */
} scrawl_layout;

/* Begin with: scrawl_read_options options = SCRAWL_READ_OPTIONS; */
typedef struct scrawl_read_options {
  size_t size;           /* of this struct: sizeof(scrawl_read_options) */
  int layout;            /* a scrawl_layout */
  size_t digits;         /* exactly so many, as far as there is ink for them; 0: any number;
                            at most 1000, and 1 where the layout is SCRAWL_ONE */
  double min_confidence; /* digits less certain than this are '?' in the text; 0 to 1 */
  int signs;             /* 1: . , - / : are in the text too, where the layout is not SCRAWL_ONE */
  int handwritten;       /* 1: printed digits are left out, where the layout is not SCRAWL_ONE */
} scrawl_read_options;

#define SCRAWL_READ_OPTIONS \
  { sizeof(scrawl_read_options), SCRAWL_PAGE, 0, 0.0, 0, 0 }

/* A place in a picture, in pixels; x and y are those of the top left corner. */
typedef struct scrawl_box {
  int x;
  int y;
  int width;
  int height;
} scrawl_box;

/* One recognized digit. */
typedef struct scrawl_digit {
  int digit;               /* 0 to 9: the most probable */
  float confidence;        /* its probability */
  scrawl_box box;          /* where its ink is, in the picture */
  float probabilities[10]; /* of 0 to 9; their sum is 1 */
  uint8_t glyph[784];      /* (28, 28): its ink as the network saw it, 0 paper to 255 ink */
  float handwritten;       /* how probable it is that it is not printed; 1 for SCRAWL_ONE */
} scrawl_digit;

/* "1.2.3" */
SCRAWL_API const char* scrawl_version(void);

/* Why the last call of this thread that failed did so; "" before there was one. Yours until this
 * thread's next call that fails. */
SCRAWL_API const char* scrawl_last_error(void);

/* With the built-in model. */
SCRAWL_API scrawl_recognizer* scrawl_recognizer_new(void);

/* With a model of your own: a .safetensors file that scrawl wrote. */
SCRAWL_API scrawl_recognizer* scrawl_recognizer_load(const char* file);

SCRAWL_API void scrawl_recognizer_free(scrawl_recognizer* recognizer);

/* Read a picture: from a file or its bytes, PNG, JPEG, TIFF, BMP, GIF, WebP,
 * PNM, and HEIC and AVIF where libheif is installed, of at most 100 million pixels. `options` may
 * be NULL. A picture without digits is no error: it has 0 of them. */
SCRAWL_API scrawl_reading* scrawl_read_file(const scrawl_recognizer* recognizer, const char* file,
                                            const scrawl_read_options* options);
SCRAWL_API scrawl_reading* scrawl_read_memory(const scrawl_recognizer* recognizer,
                                              const void* bytes, size_t size,
                                              const scrawl_read_options* options);

/* From pixels: `height` rows from the top, each `stride` bytes behind the one before (0: no gap),
 * of `width` pixels of `channels` bytes: 1 gray, 2 gray and alpha, 3 red, green, blue, 4 the same
 * and alpha (not premultiplied), which is laid over white. */
SCRAWL_API scrawl_reading* scrawl_read_pixels(const scrawl_recognizer* recognizer,
                                              const uint8_t* pixels, size_t width, size_t height,
                                              size_t channels, size_t stride,
                                              const scrawl_read_options* options);

SCRAWL_API void scrawl_reading_free(scrawl_reading* reading);

/* The digits as text: spaces between numbers that are apart, newlines between lines; "" when there
 * are none. NULL for NULL. */
SCRAWL_API const char* scrawl_reading_text(const scrawl_reading* reading);

/* Of the least certain digit, 0 when there are none. 0 for NULL. */
SCRAWL_API float scrawl_reading_confidence(const scrawl_reading* reading);

/* How many digits there are. 0 for NULL. */
SCRAWL_API size_t scrawl_reading_count(const scrawl_reading* reading);

/* One of them, in reading order; NULL when `index` is not below the count. */
SCRAWL_API const scrawl_digit* scrawl_reading_digit(const scrawl_reading* reading, size_t index);

/* The probabilities (count, 10) of glyphs (count, 28, 28), which are as in MNIST: 0 paper to 255
 * ink. Both may be NULL where count is 0. */
SCRAWL_API scrawl_status scrawl_classify(const scrawl_recognizer* recognizer, const uint8_t* glyphs,
                                         size_t count, float* probabilities);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif
