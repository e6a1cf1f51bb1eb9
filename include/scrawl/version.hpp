/** @file
 * The version of these headers. scrawl_version() returns that of the library that is running. */
#ifndef SCRAWL_VERSION_H
#define SCRAWL_VERSION_H

/** Changes when compatibility breaks; see docs/PROMISES.md. */
#define SCRAWL_VERSION_MAJOR 0
/** Changes when features are added; until 1.0, also when compatibility breaks. */
#define SCRAWL_VERSION_MINOR 1
/** Changes when mistakes are fixed. */
#define SCRAWL_VERSION_PATCH 0

#endif
