/// The macros that say which symbols a shared library exports.
#pragma once

/// POUW_API marks what public headers declare and sources define: a shared build exports these symbols and no
/// others. POUW_LOCAL marks a nested class that only the sources define.
#if defined(_WIN32)
#define POUW_API
#define POUW_LOCAL
#else
#define POUW_API __attribute__((visibility("default")))
#define POUW_LOCAL __attribute__((visibility("hidden")))
#endif
