/// Which symbols a shared library exports.
#pragma once

/// Marks what public headers declare and sources define: a shared build exports these symbols and no others.
#if defined(_WIN32)
#define POUW_API
#else
#define POUW_API __attribute__((visibility("default")))
#endif
