/* scrawl from C, and from all that can call C: reads handwritten digits.
 *
 *     scrawl_error error = SCRAWL_ERROR;
 *     scrawl_recognizer *recognizer = scrawl_recognizer_new(NULL, &error);
 *     scrawl_reading *reading = scrawl_read_file(recognizer, "7.png", NULL, &error);
 *     puts(reading ? scrawl_reading_text(reading) : error.message);
 *     scrawl_reading_free(reading);
 *     scrawl_recognizer_free(recognizer);
 *
 * This is all that the libraries export: libscrawl.so reads pixels, libscrawl_decoding.so decodes
 * files of pictures. <scrawl/recognizer.hpp> is the same in C++, made of this in headers alone.
 *
 * Errors: a function that can fail has as its last argument where to say why, which may be NULL. A
 * function that gives a pointer then gives NULL, one that gives a status another than SCRAWL_OK. A
 * call that succeeds leaves the error as it was. NULL for another argument is an error, never a
 * crash, unless it is said to be allowed; a NULL recognizer leaves the error of its making as it
 * is, so that it need not be checked for by itself. No C++ exception comes out.
 *
 * Ownership: what a function named ..._new, ..._load, ..._decode, scrawl_explain or scrawl_read...
 * gives is yours, to be freed by the function named ..._free, which takes NULL too. All other
 * pointers belong to what they were asked of, and are gone with it. What you pass in is only looked
 * at during the call.
 *
 * Threads: one recognizer may be used by many threads at once, and so may one reading or image;
 * nobody may use it any more when it is freed.
 *
 * Growth: structs that you make begin with their size, as their initializers say it. Fields are
 * added at the end of structs, no struct stands inside another, and nothing else of them changes as
 * long as the library's name (libscrawl.so.N) stays. */
#ifndef SCRAWL_SCRAWL_H
#define SCRAWL_SCRAWL_H

#include <stddef.h>
#include <stdint.h>

#include <scrawl/export.h>
#include <scrawl/version.hpp>

#ifdef __cplusplus
extern "C" {
#endif

/* NOLINTBEGIN(readability-identifier-naming): as C names things */

/* ---- Errors ---- */

/* What became of a call. */
typedef enum scrawl_status {
  SCRAWL_OK = 0,
  SCRAWL_INVALID_INPUT = 1,    /* a file, a picture or a model is not as it has to be */
  SCRAWL_INVALID_ARGUMENT = 2, /* a mistake in the call */
  SCRAWL_OUT_OF_MEMORY = 3,
  SCRAWL_NOT_FOUND = 4, /* there is no such file */
  SCRAWL_TOO_LARGE = 5  /* a picture of more pixels than are read */
} scrawl_status;

/* Begin with: scrawl_error error = SCRAWL_ERROR; */
typedef struct scrawl_error {
  size_t size;        /* of this struct: sizeof(scrawl_error) */
  int status;         /* a scrawl_status */
  char message[1012]; /* what happened and what to do, in UTF-8; cut where it is longer */
} scrawl_error;

#define SCRAWL_ERROR \
  { sizeof(scrawl_error), SCRAWL_OK, "" }

/* ---- Pictures ---- */

/* How a pixel lies in memory: samples of one byte, or of two in the machine's order. Alpha is not
 * premultiplied; the picture is laid over white. */
typedef enum scrawl_format {
  SCRAWL_GRAY = 0, /* 1 byte: 0 black to 255 white */
  SCRAWL_GRAY_ALPHA = 1,
  SCRAWL_RGB = 2,
  SCRAWL_RGBA = 3,
  SCRAWL_BGR = 4, /* as OpenCV has them */
  SCRAWL_BGRA = 5,
  SCRAWL_GRAY16 = 6 /* 2 bytes: 0 black to 65535 white */
} scrawl_format;

/* Pixels that somebody else owns. Begin with: scrawl_view view = SCRAWL_VIEW; */
typedef struct scrawl_view {
  size_t size;        /* of this struct: sizeof(scrawl_view) */
  const void* pixels; /* the top left one */
  size_t width;       /* in pixels; width * height is 1 to 100 million */
  size_t height;
  ptrdiff_t stride; /* bytes from a row to the one below, negative too; 0: no gap */
  int format;       /* a scrawl_format */
} scrawl_view;

#define SCRAWL_VIEW \
  { sizeof(scrawl_view), NULL, 0, 0, 0, SCRAWL_GRAY }

/* A picture in memory, gray or RGB. */
typedef struct scrawl_image scrawl_image;

/* Its pixels, which are gone with it. `view` begins as SCRAWL_VIEW. */
SCRAWL_API scrawl_status scrawl_image_view(const scrawl_image* image, scrawl_view* view,
                                           scrawl_error* error);
SCRAWL_API void scrawl_image_free(scrawl_image* image);

/* ---- Recognizers ---- */

/* Models, compiled for this machine. */
typedef struct scrawl_recognizer scrawl_recognizer;

/* The arithmetic of matrix products. */
typedef enum scrawl_precision {
  SCRAWL_FASTEST = 0, /* of this CPU */
  SCRAWL_F32 = 1      /* digits differ in the last bits alone between machines */
} scrawl_precision;

/* Begin with: scrawl_recognizer_options options = SCRAWL_RECOGNIZER_OPTIONS; */
typedef struct scrawl_recognizer_options {
  size_t size;            /* of this struct: sizeof(scrawl_recognizer_options) */
  const char* model_file; /* a .safetensors file that scrawl wrote; NULL: the built-in model */
  const void* model;      /* the bytes of one, instead; NULL: none */
  size_t model_size;
  const void* page_reader; /* the bytes of a network that finds digits; NULL: the built-in one */
  size_t page_reader_size;
  int precision; /* a scrawl_precision */
} scrawl_recognizer_options;

#define SCRAWL_RECOGNIZER_OPTIONS \
  { sizeof(scrawl_recognizer_options), NULL, NULL, 0, NULL, 0, SCRAWL_FASTEST }

/* `options` may be NULL. Takes some 20 ms. */
SCRAWL_API scrawl_recognizer* scrawl_recognizer_new(const scrawl_recognizer_options* options,
                                                    scrawl_error* error);
SCRAWL_API void scrawl_recognizer_free(scrawl_recognizer* recognizer);

/* ---- Reading ---- */

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
  size_t digits;         /* number of digits to find, at most 1000, and 1 where the layout is
                            SCRAWL_ONE; 0: any number */
  double min_confidence; /* digits less certain than this are '?' in the text; 0 to 1 */
  int signs;             /* 1: . , - / : are in the text too, where the layout is not SCRAWL_ONE */
  int handwritten;       /* 1: printed digits are left out, where the layout is not SCRAWL_ONE */
} scrawl_read_options;

#define SCRAWL_READ_OPTIONS \
  { sizeof(scrawl_read_options), SCRAWL_PAGE, 0, 0.0, 0, 0 }

/* One recognized digit. x and y are of the top left corner of its ink, in the picture's pixels. */
typedef struct scrawl_digit {
  int value;        /* 0 to 9: the most probable */
  float confidence; /* its probability */
  int x;
  int y;
  int width;
  int height;
  float probabilities[10]; /* of 0 to 9; their sum is 1 */
  uint8_t glyph[784];      /* (28, 28): its ink as the network saw it, 0 paper to 255 ink */
  float handwritten;       /* how probable it is that it is not printed; 1 for SCRAWL_ONE */
  size_t offset;           /* of its character in the text */
} scrawl_digit;

/* One line of the text. */
typedef struct scrawl_line {
  size_t offset; /* of its first character in the text */
  size_t length; /* in characters, without the newline */
  size_t first;  /* its first digit */
  size_t count;  /* of its digits */
} scrawl_line;

/* What a picture says. */
typedef struct scrawl_reading scrawl_reading;

/* Reads pixels. `options` may be NULL. A picture without digits is no error: it has 0 of them. */
SCRAWL_API scrawl_reading* scrawl_read(const scrawl_recognizer* recognizer, const scrawl_view* view,
                                       const scrawl_read_options* options, scrawl_error* error);
SCRAWL_API scrawl_reading* scrawl_read_image(const scrawl_recognizer* recognizer,
                                             const scrawl_image* image,
                                             const scrawl_read_options* options,
                                             scrawl_error* error);
SCRAWL_API void scrawl_reading_free(scrawl_reading* reading);

/* The digits as text: spaces between numbers that are apart, newlines between lines; "" when there
 * are none. NULL for NULL. */
SCRAWL_API const char* scrawl_reading_text(const scrawl_reading* reading);

/* Of the least certain digit, 0 when there are none. 0 for NULL. */
SCRAWL_API float scrawl_reading_confidence(const scrawl_reading* reading);

/* How many digits there are, and one of them, in reading order. 0 and NULL for NULL, and NULL where
 * `index` is not below the count. */
SCRAWL_API size_t scrawl_reading_count(const scrawl_reading* reading);
SCRAWL_API const scrawl_digit* scrawl_reading_digit(const scrawl_reading* reading, size_t index);

/* The same of lines, from the top. */
SCRAWL_API size_t scrawl_reading_line_count(const scrawl_reading* reading);
SCRAWL_API const scrawl_line* scrawl_reading_line(const scrawl_reading* reading, size_t index);

/* The probabilities (count, 10) of glyphs (count, 28, 28), which are as in MNIST: 0 paper to 255
 * ink. Both may be NULL where count is 0. Allocates no memory. */
SCRAWL_API scrawl_status scrawl_classify(const scrawl_recognizer* recognizer, const uint8_t* glyphs,
                                         size_t count, float* probabilities, scrawl_error* error);

/* What was read, to be looked at: the picture with a box around each digit, a base line through
 * each line, and below it each glyph with its confidence in percent. */
SCRAWL_API scrawl_image* scrawl_explain(const scrawl_view* view, const scrawl_reading* reading,
                                        scrawl_error* error);

/* "1.2.3" */
SCRAWL_API const char* scrawl_version(void);

/* ---- libscrawl_decoding.so ---- */

/* A picture from a file or its bytes: PNG, JPEG, TIFF, BMP, GIF, WebP, PNM, and HEIC and AVIF where
 * libheif is installed, told apart by their content; of at most 100 million pixels; turned upright
 * as its EXIF orientation says. */
SCRAWL_API scrawl_image* scrawl_image_load(const char* file, scrawl_error* error);
SCRAWL_API scrawl_image* scrawl_image_decode(const void* bytes, size_t size, scrawl_error* error);

/* Writes a PNG, and the folders that are missing above it. The file appears whole or not at all. */
SCRAWL_API scrawl_status scrawl_image_save_png(const scrawl_view* view, const char* file,
                                               scrawl_error* error);

/* A picture's file, decoded and read. */
SCRAWL_API scrawl_reading* scrawl_read_file(const scrawl_recognizer* recognizer, const char* file,
                                            const scrawl_read_options* options,
                                            scrawl_error* error);
SCRAWL_API scrawl_reading* scrawl_read_memory(const scrawl_recognizer* recognizer,
                                              const void* bytes, size_t size,
                                              const scrawl_read_options* options,
                                              scrawl_error* error);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif
