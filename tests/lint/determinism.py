#!/usr/bin/env python3
"""Refuses what may differ between machines, compilers or runs in the code that every node must compute identically.

Comments and strings do not count. What is allowed after all stands in ALLOWED, with the reason; an entry that nothing
needs any more is an error too.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Iterator

from source import ROOT, modules, run, strip

# Never linked into a node's consensus path.
FREE_MODULES = {"reference", "soundness", "simulation", "cuda", "cli"}


@dataclass(frozen=True)
class Allowed:
    file: str
    rule: str
    reason: str


ALLOWED = (
    Allowed("src/crypto/keys.cpp", "random", "a new secret is no consensus"),
    Allowed("src/crypto/sealed_body.cpp", "random", "the key and nonce of a new message"),
    Allowed("src/crypto/sealed_prompt.cpp", "random", "a new reply key"),
    Allowed("include/pouw/pow/threshold.hpp", "floating point", "estimates of probabilities, for people"),
    Allowed("src/pow/threshold.cpp", "floating point", "the same; only the integer threshold decides"),
    Allowed("include/pouw/judgement/log_probability.hpp", "floating point", "the border to a model's results"),
    Allowed("src/judgement/log_probability.cpp", "floating point", "the same; behind it there are integers"),
    Allowed("include/pouw/core/contract.hpp", "output or exit", "a violated contract is reported and ends the process"),
    Allowed("src/pow/miner.cpp", "clock", "when solutions are confirmed and handed over, not which"),
    Allowed("include/pouw/core/hash.hpp", "hash of the standard library", "for programs; the library includes it nowhere"),
    Allowed("src/pow/registry.cpp", "environment", "POUW_BACKEND chooses among backends that give the same bits"),
)


@dataclass(frozen=True)
class Rule:
    name: str
    pattern: re.Pattern[str]
    caught: tuple[str, ...]  # for the self-test
    passed: tuple[str, ...] = ()


def rule(name: str, pattern: str, caught: tuple[str, ...], passed: tuple[str, ...] = ()) -> Rule:
    return Rule(name, re.compile(pattern, re.VERBOSE), caught, passed)


RULES = (
    rule(
        "floating point",
        r"""\b(?:float|double|(?:float|double)_t)\b
          | \#\s*include\s*<(?:cmath|cfloat|cfenv|complex|numbers|math\.h|float\.h|tgmath\.h)>
          | \bstd::(?:sqrt|cbrt|pow|exp2?|log2?|log10|floor|ceil|l?l?round|trunc|fabs|fmin|fmax|fma|ldexp|frexp)\b
          | (?<![\w.])(?:\d[\d']*\.\d* | \.\d[\d']* | \d[\d']*[eE][+-]?\d+)(?!\w*[\w.])[fFlL]?
          | \b0[xX][0-9a-fA-F.']*[pP][+-]?\d""",
        ("double x = 0;", "float y;", "long double z;", "#include <cmath>", "x = std::sqrt(n);", "n * 1.5", "a = .5;",
         "a = 1e9;", "a = 2.;", "x = 0x1p-3;"),
        ("int doubled = 0x1e5;", "a[1].size()", "f(0, args...);", "x = 1'000'000;", "rounded_up(3)", "x.first"),
    ),
    rule(
        "random",
        r"""\b\w+_distribution\b | \bstd::(?:random_)?shuffle\b | \bstd::sample\b | \brandom_device\b
          | \bmt19937(?:_64)?\b | \b\w+_engine\b | \#\s*include\s*<random>
          | (?<![\w.>])(?:std::)?s?rand(?:om|_r|48)?\s*\(
          | \barc4random\w* | \brandombytes\w* | \bgetrandom\b | \bgetentropy\b""",
        ("std::uniform_int_distribution<int> d;", "std::shuffle(a, b, g);", "std::random_shuffle(a, b);",
         "std::sample(a, b, c, 1, g);", "std::random_device r;", "std::mt19937 g;", "i = rand() % 6;", "srand(1);",
         "#include <random>", "arc4random_buf(p, n);", "randombytes_buf(p, n);", "getrandom(p, n, 0);"),
        ("shuffle(key, id, size)", "operand(3)", "Randomness randomness;"),
    ),
    rule(
        "hash of the standard library",
        r"\bstd::hash\b",
        ("std::hash<int>{}(3)",),
        ("crypto::hash(tag, data)",),
    ),
    rule(
        "unordered container",
        r"\bunordered_\w+",
        ("std::unordered_map<int, int> m;", "#include <unordered_set>"),
    ),
    rule(
        "locale",
        r"""\blocale\b | \bsetlocale\b | \blocaleconv\b | \b[io]?stringstream\b | \bstrto(?:u?l{1,2}|[dfiu]\w*)\b
          | \bstd::sto(?:i|u?l{1,2}|f|l?d)\b | \bato(?:i|l{1,2}|f)\b
          | (?<![\w.>])(?:std::)?is(?:alnum|alpha|digit|lower|print|punct|space|upper|xdigit)\s*\(
          | (?<![\w.>])(?:std::)?to(?:lower|upper)\s*\(""",
        ('setlocale(LC_ALL, "");', "std::locale l;", "#include <locale>", "std::stringstream s;", "std::stoi(t)",
         "if (isdigit(c))", "std::tolower(c)", "strtod(p, &q)", "atoi(p)"),
        ("allocate(3)", "text.isdigit(3)", "history(3)"),
    ),
    rule(
        "clock",
        r"""\bchrono\b | \#\s*include\s*<(?:ctime|time\.h|sys/time\.h)> | \bgettimeofday\b | \bclock_gettime\b
          | (?<![\w.>])(?:std::)?(?:time|clock|localtime|gmtime|mktime|strftime)\s*\( | \bsleep_(?:for|until)\b
          | \b__rdtsc\b | __(?:DATE|TIME|TIMESTAMP)__""",
        ("auto t = std::chrono::steady_clock::now();", "#include <ctime>", "gettimeofday(&t, 0);", "x = time(nullptr);",
         "x = std::clock();", "sleep_for(x)", "__rdtsc()", "x = __DATE__;", "#include <chrono>"),
        ("block.time()", "lifetime(3)", "std::time_point_of_block"),
    ),
    rule(
        "environment",
        r"\b(?:secure_)?getenv\b | \bsetenv\b | \bputenv\b | \benviron\b | \bgethostname\b | \bgetpid\b",
        ('std::getenv("HOME")', "secure_getenv(x)", "setenv(a, b, 1);", "extern char** environ;", "getpid()"),
    ),
    rule(
        "endianness of the host",
        r"""\b(?:hto[bl]e|[bl]etoh|[bl]e\d\dtoh|hton[sl]|ntoh[sl])\w*
          | \bbswap_?\w*\b | \b__builtin_bswap\d+ | \bbyteswap\b
          | \bstd::endian\b | \b_*BYTE_ORDER_*\b | \bmemcpy\b | \bbit_cast\b
          | \breinterpret_cast\s*<\s*(?:const\s+)?(?:volatile\s+)?
              (?:(?:std::)?u?int(?:_fast|_least)?(?:16|32|64|max|ptr)_t|(?:std::)?size_t
                |unsigned(?:\s+(?:int|short|long))?|(?:unsigned\s+)?(?:int|short|long)|__u?int128)\b""",
        ("x = htole32(x);", "x = le64toh(x);", "x = ntohl(x);", "__builtin_bswap64(x)", "if (std::endian::native == x)",
         "#if __BYTE_ORDER__ == 1", "std::memcpy(&x, p, 4);", "std::bit_cast<std::uint32_t>(bytes)",
         "reinterpret_cast<const std::uint32_t*>(p)", "reinterpret_cast<uint64_t*>(p)", "reinterpret_cast<int*>(p)",
         "reinterpret_cast<unsigned long*>(p)"),
        ("reinterpret_cast<const std::uint8_t*>(p)", "reinterpret_cast<char*>(p)", "reinterpret_cast<std::int8_t*>(p)"),
    ),
    rule(
        "state of a thread",
        r"\bthread_local\b | \b__thread\b",
        ("thread_local int n = 0;", "static thread_local int n;", "static __thread int n;"),
        ("this_thread_locals",),
    ),
    rule(
        "output or exit",
        r"""\b(?:std::)?v?(?:f|s|sn|d)?w?printf\b | \b(?:std::)?f?puts\b | \bputchar\b | \bperror\b | \bsyslog\b
          | \bstd::w?(?:cout|cerr|clog|cin)\b | \#\s*include\s*<(?:iostream|cstdio|stdio\.h|fmt/ostream\.h)>
          | \bfmt::print(?:ln)?\b
          | (?<![\w.>])(?:std::)?(?:exit|_?_Exit|_exit|quick_exit|abort|terminate|assert)\s*\(""",
        ('printf("%d", n);', "std::snprintf(p, 3, f);", "puts(p);", "std::cout << n;", "std::cerr << n;",
         "#include <iostream>", 'fmt::print("x");', "exit(1);", "std::abort();", "std::terminate();", "assert(n);"),
        ("static_assert(n == 3);", "fmt::format(f, n)", "on_exit(3)", "abort.request_stop();"),
    ),
)  # fmt: skip


def findings(text: str) -> Iterator[tuple[int, Rule, str]]:
    """Line number, broken rule and offending text, in the order of the lines."""
    for number, line in enumerate(strip(text).split("\n"), 1):
        for r in RULES:
            if match := r.pattern.search(line):
                yield number, r, match.group().strip()


def check() -> list[str]:
    errors = []
    used = set()
    for module, files in modules():
        if module in FREE_MODULES:
            continue
        for file in files:
            name = file.relative_to(ROOT).as_posix()
            for number, r, found in findings(file.read_text(encoding="utf-8")):
                if any((a.file, a.rule) == (name, r.name) for a in ALLOWED):
                    used.add((name, r.name))
                else:
                    errors.append(f"{name}:{number}: {r.name}: {found}")
    for a in ALLOWED:
        if (a.file, a.rule) not in used:
            errors.append(f"{a.file}: the exception for {a.rule} is no longer needed")
    return errors


def self_test() -> list[str]:
    errors = []
    for r in RULES:
        for line in r.caught:
            if not any(broken is r for _, broken, _ in findings(line)):
                errors.append(f"{r.name}: does not catch: {line}")
        for line in r.passed:
            if any(broken is r for _, broken, _ in findings(line)):
                errors.append(f"{r.name}: catches: {line}")
    hidden = r"""// double
/* rand()
 thread_local */ int n; // exit(1)
const char* s = "printf(\" 1.5";
auto r = R"x(time(0))x";
char c = '"'; int m = 1'000; """
    if found := list(findings(hidden)):
        errors.append(f"comments and strings count: {found}")
    if [(number, r.name) for number, r, _ in findings(hidden + "double d;")] != [(6, "floating point")]:
        errors.append("line numbers, or code behind strings, are lost")
    return errors


if __name__ == "__main__":
    sys.exit(run(__doc__, check, self_test))
