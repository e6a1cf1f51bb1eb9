/** @file
 * Marks what the shared libraries export. */
#ifndef SCRAWL_EXPORT_H
#define SCRAWL_EXPORT_H

/** A function that a shared library exports. */
#if defined(__GNUC__)
#define SCRAWL_API __attribute__((visibility("default")))
#else
#define SCRAWL_API
#endif

#endif
