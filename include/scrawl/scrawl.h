/** @file
 * Reads handwritten digits, from C and from every language that can call C.
 *
 *     scrawl_error error = SCRAWL_ERROR;
 *     scrawl_recognizer *recognizer = scrawl_recognizer_new(NULL, &error);
 *     scrawl_reading *reading = scrawl_read_file(recognizer, "7.png", NULL, &error);
 *     puts(reading ? scrawl_reading_text(reading) : error.message);
 *     scrawl_reading_free(reading);
 *     scrawl_recognizer_free(recognizer);
 *
 * The shared libraries export only these functions: libscrawl.so reads pixels,
 * libscrawl_decoding.so decodes picture files. <scrawl/recognizer.hpp> is the same in C++,
 * implemented in headers on top of this one.
 *
 * Errors: a function that can fail has a scrawl_error as its last argument, which may be NULL. If
 * it fails, it fills in the error, and returns NULL or a status other than SCRAWL_OK. If it
 * succeeds, it does not change the error. NULL for another argument is an error, never a crash,
 * unless NULL is said to be allowed. Reading with a NULL recognizer keeps the error that is set by
 * then, so one check after reading is enough. No C++ exception leaves a function.
 *
 * Ownership: you own what the functions named ..._new, ..._load, ..._decode, scrawl_explain and
 * scrawl_read... return, and free it with the function named ..._free, which does nothing if its
 * argument is NULL. Other pointers belong to the object that returned them, and are valid as long
 * as it exists. Functions use their arguments during the call only.
 *
 * Threads: several threads may use one recognizer, reading or image at the same time. Free it when
 * none uses it any more.
 *
 * Growth: structs that you create begin with their size, which their initializers set. While the
 * library keeps its name (libscrawl.so.N), new fields are added only at the end of structs, and no
 * struct contains another. */
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

/** Whether a call succeeded, and why not. */
typedef enum scrawl_status {
  SCRAWL_OK = 0,               /**< success */
  SCRAWL_INVALID_INPUT = 1,    /**< a file, picture or model is invalid */
  SCRAWL_INVALID_ARGUMENT = 2, /**< the call is wrong */
  SCRAWL_OUT_OF_MEMORY = 3,    /**< memory ran out */
  SCRAWL_NOT_FOUND = 4,        /**< the file does not exist */
  SCRAWL_TOO_LARGE = 5         /**< the picture has more pixels or digits than scrawl reads */
} scrawl_status;

/** An error. Begin with: scrawl_error error = SCRAWL_ERROR; */
typedef struct scrawl_error {
  size_t size;        /**< sizeof(scrawl_error) */
  int status;         /**< a scrawl_status */
  char message[1012]; /**< what happened and what to do, in UTF-8; truncated if it is longer */
} scrawl_error;

/** Initializer of a scrawl_error. */
#define SCRAWL_ERROR \
  { sizeof(scrawl_error), SCRAWL_OK, "" }

/* ---- Pictures ---- */

/** Channels of a pixel in memory order, one byte each (SCRAWL_GRAY16: two bytes in the machine's
 * byte order). Alpha is not premultiplied; transparent pixels are blended with white. */
typedef enum scrawl_format {
  SCRAWL_GRAY = 0,       /**< 0 black to 255 white */
  SCRAWL_GRAY_ALPHA = 1, /**< gray, alpha */
  SCRAWL_RGB = 2,        /**< red, green, blue */
  SCRAWL_RGBA = 3,       /**< red, green, blue, alpha */
  SCRAWL_BGR = 4,        /**< blue, green, red, as in OpenCV */
  SCRAWL_BGRA = 5,       /**< blue, green, red, alpha */
  SCRAWL_GRAY16 = 6      /**< 0 black to 65535 white */
} scrawl_format;

/** Pixels in your memory. Begin with: scrawl_view view = SCRAWL_VIEW; */
typedef struct scrawl_view {
  size_t size;        /**< sizeof(scrawl_view) */
  const void* pixels; /**< the top left pixel */
  size_t width;       /**< in pixels; width * height is 1 to 100 million */
  size_t height;      /**< in pixels */
  ptrdiff_t stride;   /**< bytes from a row to the row below, maybe negative; 0 means no gap */
  int format;         /**< a scrawl_format */
} scrawl_view;

/** Initializer of a scrawl_view. */
#define SCRAWL_VIEW \
  { sizeof(scrawl_view), NULL, 0, 0, 0, SCRAWL_GRAY }

/** A picture in scrawl's memory, gray or RGB. */
typedef struct scrawl_image scrawl_image;

/** Sets `view`, initialized with SCRAWL_VIEW, to the pixels of an image, which are valid as long as
 * the image exists. */
SCRAWL_API scrawl_status scrawl_image_view(const scrawl_image* image, scrawl_view* view,
                                           scrawl_error* error);
/** Frees an image. */
SCRAWL_API void scrawl_image_free(scrawl_image* image);

/* ---- Recognizers ---- */

/** Reads digits, with models that are compiled for this machine. */
typedef struct scrawl_recognizer scrawl_recognizer;

/** The arithmetic of matrix products. */
typedef enum scrawl_precision {
  SCRAWL_FASTEST = 0, /**< the fastest of int8, bf16 and f32 for which the CPU has instructions */
  SCRAWL_F32 = 1 /**< 32-bit floats: probabilities on all CPUs differ in their last bits only */
} scrawl_precision;

/** Options of a recognizer. Begin with: scrawl_recognizer_options options =
 * SCRAWL_RECOGNIZER_OPTIONS; */
typedef struct scrawl_recognizer_options {
  size_t size;             /**< sizeof(scrawl_recognizer_options) */
  const char* model_file;  /**< a .safetensors file from scrawl; NULL means the built-in model */
  const void* model;       /**< the bytes of such a file, instead of model_file; or NULL */
  size_t model_size;       /**< number of bytes in `model` */
  const void* page_reader; /**< the bytes of a model that finds digits; NULL means the built-in */
  size_t page_reader_size; /**< number of bytes in `page_reader` */
  int precision;           /**< a scrawl_precision */
} scrawl_recognizer_options;

/** Initializer of scrawl_recognizer_options: the built-in models. */
#define SCRAWL_RECOGNIZER_OPTIONS \
  { sizeof(scrawl_recognizer_options), NULL, NULL, 0, NULL, 0, SCRAWL_FASTEST }

/** Creates a recognizer, in about 20 ms. `options` may be NULL. */
SCRAWL_API scrawl_recognizer* scrawl_recognizer_new(const scrawl_recognizer_options* options,
                                                    scrawl_error* error);
/** Frees a recognizer. */
SCRAWL_API void scrawl_recognizer_free(scrawl_recognizer* recognizer);

/* ---- Reading ---- */

/** What a picture shows. */
typedef enum scrawl_layout {
  SCRAWL_PAGE = 0, /**< any number of digits in any number of lines */
  SCRAWL_LINE = 1, /**< one line, which may be uneven */
  SCRAWL_ONE = 2   /**< one digit: the most prominent ink and the ink near it */
} scrawl_layout;

/** Options of reading. Begin with: scrawl_read_options options = SCRAWL_READ_OPTIONS; */
typedef struct scrawl_read_options {
  size_t size;           /**< sizeof(scrawl_read_options) */
  int layout;            /**< a scrawl_layout */
  size_t digits;         /**< number of digits to find, 0 to 1000, and at most 1 if the layout is
                              SCRAWL_ONE; 0 means any number */
  double min_confidence; /**< digits with less confidence are '?' in the text; 0 to 1 */
  int signs;             /**< 1: include the signs . , - / : in the text; ignored if the layout is
                              SCRAWL_ONE */
  int handwritten;       /**< 1: leave out printed digits; ignored if the layout is SCRAWL_ONE */
  int turn;              /**< by how many degrees the picture is turned clockwise to be upright: 0,
                              90, 180 or 270, or SCRAWL_TURN_AUTO */
} scrawl_read_options;

/** A turn that is found out: other than 0 only if it is clear, and never if the layout is
 * SCRAWL_ONE. */
#define SCRAWL_TURN_AUTO (-1)

/** Initializer of scrawl_read_options: a page with any number of digits. */
#define SCRAWL_READ_OPTIONS \
  { sizeof(scrawl_read_options), SCRAWL_PAGE, 0, 0.0, 0, 0, SCRAWL_TURN_AUTO }

/** A recognized digit. */
typedef struct scrawl_digit {
  int value;               /**< the most probable digit, 0 to 9 */
  float confidence;        /**< probability of `value` */
  int x;                   /**< left edge of its ink, in the picture's pixels */
  int y;                   /**< top edge */
  int width;               /**< in pixels */
  int height;              /**< in pixels */
  float probabilities[10]; /**< probability of each digit 0 to 9; their sum is 1 */
  uint8_t glyph[784];      /**< (28, 28): its ink as the network saw it, 0 paper to 255 ink */
  float handwritten;       /**< probability of being handwritten, not printed; 1 for SCRAWL_ONE */
  size_t offset;           /**< index of its character in the text */
} scrawl_digit;

/** A line of the text. */
typedef struct scrawl_line {
  size_t offset; /**< index of its first character in the text */
  size_t length; /**< number of characters, without the newline */
  size_t first;  /**< index of its first digit */
  size_t count;  /**< number of its digits */
} scrawl_line;

/** Everything that was read in a picture. */
typedef struct scrawl_reading scrawl_reading;

/** The most digits that a picture may show: with more, reading fails with SCRAWL_TOO_LARGE rather
 * than leaving some out. A full page of 5 mm squares has 2,500. */
#define SCRAWL_MAX_DIGITS 10000

/** Reads pixels. `options` may be NULL. A picture without digits gives a reading without digits,
 * not an error. */
SCRAWL_API scrawl_reading* scrawl_read(const scrawl_recognizer* recognizer, const scrawl_view* view,
                                       const scrawl_read_options* options, scrawl_error* error);
/** Reads an image, as scrawl_read() reads pixels. */
SCRAWL_API scrawl_reading* scrawl_read_image(const scrawl_recognizer* recognizer,
                                             const scrawl_image* image,
                                             const scrawl_read_options* options,
                                             scrawl_error* error);
/** Frees a reading. */
SCRAWL_API void scrawl_reading_free(scrawl_reading* reading);

/** The digits as text, with spaces between separate numbers and newlines between lines; "" if there
 * are no digits; NULL if `reading` is NULL. */
SCRAWL_API const char* scrawl_reading_text(const scrawl_reading* reading);

/** Confidence of the least certain digit; 0 if there are no digits, or if `reading` is NULL. */
SCRAWL_API float scrawl_reading_confidence(const scrawl_reading* reading);

/** By how many degrees the picture was turned clockwise to be read: 0, 90, 180 or 270; 0 if
 * `reading` is NULL. Boxes of digits are in the picture as it came. */
SCRAWL_API int scrawl_reading_turn(const scrawl_reading* reading);

/** Number of digits; 0 if `reading` is NULL. */
SCRAWL_API size_t scrawl_reading_count(const scrawl_reading* reading);
/** Digit number `index` in reading order; NULL if `index` is not below scrawl_reading_count(). */
SCRAWL_API const scrawl_digit* scrawl_reading_digit(const scrawl_reading* reading, size_t index);

/** Number of lines; 0 if `reading` is NULL. */
SCRAWL_API size_t scrawl_reading_line_count(const scrawl_reading* reading);
/** Line number `index` from the top; NULL if `index` is not below scrawl_reading_line_count(). */
SCRAWL_API const scrawl_line* scrawl_reading_line(const scrawl_reading* reading, size_t index);

/** Classifies glyphs (count, 28, 28) as in MNIST, 0 paper to 255 ink, and writes their
 * probabilities (count, 10). Both may be NULL if `count` is 0. */
SCRAWL_API scrawl_status scrawl_classify(const scrawl_recognizer* recognizer, const uint8_t* glyphs,
                                         size_t count, float* probabilities, scrawl_error* error);

/** Draws a reading of the same picture: the picture with a box around each digit and a base line
 * through each line, and below it each glyph with its confidence in percent. */
SCRAWL_API scrawl_image* scrawl_explain(const scrawl_view* view, const scrawl_reading* reading,
                                        scrawl_error* error);

/** Version of the library that is running, such as "1.2.3". */
SCRAWL_API const char* scrawl_version(void);

/* ---- libscrawl_decoding.so ---- */

/** Decodes a PNG, JPEG, TIFF, BMP, GIF, WebP or PNM file, or HEIC or AVIF if libheif is installed,
 * of at most 100 million pixels, and turns the picture upright as its EXIF orientation says. The
 * content decides on the format, not the name. */
SCRAWL_API scrawl_image* scrawl_image_load(const char* file, scrawl_error* error);
/** Decodes the bytes of a file, as scrawl_image_load() does. */
SCRAWL_API scrawl_image* scrawl_image_decode(const void* bytes, size_t size, scrawl_error* error);

/** Number of pages of a file: TIFF files can have several, and PDF files, which are read if the
 * programs of poppler-utils are installed; other pictures have 1; 0 if it is not a picture. */
SCRAWL_API size_t scrawl_page_count(const char* file, scrawl_error* error);
/** Number of pages of the bytes of a file, as scrawl_page_count() gives it. */
SCRAWL_API size_t scrawl_page_count_memory(const void* bytes, size_t size, scrawl_error* error);
/** Decodes page number `page`, the first is 1, as scrawl_image_load() decodes the first. */
SCRAWL_API scrawl_image* scrawl_image_load_page(const char* file, size_t page, scrawl_error* error);
/** Decodes page number `page`, the first is 1, of the bytes of a file. */
SCRAWL_API scrawl_image* scrawl_image_decode_page(const void* bytes, size_t size, size_t page,
                                                  scrawl_error* error);

/** Writes a PNG into a folder that exists. An error leaves no incomplete file. */
SCRAWL_API scrawl_status scrawl_image_save_png(const scrawl_view* view, const char* file,
                                               scrawl_error* error);

/** Decodes a file as scrawl_image_load() does, and reads it. `options` may be NULL. */
SCRAWL_API scrawl_reading* scrawl_read_file(const scrawl_recognizer* recognizer, const char* file,
                                            const scrawl_read_options* options,
                                            scrawl_error* error);
/** Decodes the bytes of a file, and reads them. `options` may be NULL. */
SCRAWL_API scrawl_reading* scrawl_read_memory(const scrawl_recognizer* recognizer,
                                              const void* bytes, size_t size,
                                              const scrawl_read_options* options,
                                              scrawl_error* error);

/* NOLINTEND(readability-identifier-naming) */

#ifdef __cplusplus
}
#endif

#endif
