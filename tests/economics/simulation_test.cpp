#include "pouw/economics/sensitivity.hpp"

#include <gtest/gtest.h>
