#!/usr/bin/env python3
"""What a program pays for a public header: the lines that are left after the preprocessor, without blank ones.

    header_cost.py           prints the table and holds the bounds
    header_cost.py --write   writes the table of docs/headers.md too

The numbers depend on the compiler and its library, so the bounds are held and not the numbers. No header of another
library may be reached from a public header, but by those in MAY_REACH; the table in docs/headers.md must name every header and
stay within the bounds.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from source import ROOT, report

PAGE = ROOT / "docs/headers.md"
LIMIT = 60_000
LIMITS = {"core/result.hpp": 22_000}
# What public headers do not include, by the path of the header that would be reached.
FOREIGN = re.compile(r"/(sodium(?:\.h|/)|nlohmann/|Eigen/|fmt/|gsl/|xtensor/|xtl/|CLI/)")
# Headers that say themselves that they bring another library.
MAY_REACH = {"core/format.hpp": "fmt"}
ROW = re.compile(r"^\| `([\w/]+\.hpp)` \| ([\d,]+) \|$", re.MULTILINE)


def headers(root: Path = ROOT) -> list[str]:
    """Names of all public headers, as behind `pouw/`."""
    folder = root / "include/pouw"
    return sorted(file.relative_to(folder).as_posix() for file in folder.rglob("*.hpp"))


def reached(text: str) -> set[str]:
    """The foreign libraries whose headers preprocessed text contains."""
    found = set()
    for line in re.findall(r'^# \d+ "([^"]+)"', text, re.MULTILINE):
        if match := FOREIGN.search(line):
            found.add(re.split(r"[./]", match.group(1))[0])
    return found


def preprocessed(header: str, compiler: str) -> str:
    command = [compiler, "-std=c++20", f"-I{ROOT / 'include'}", "-x", "c++", "-E", str(ROOT / "include/pouw" / header)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{header}: {done.stderr.strip()}")
    return done.stdout


def cost(text: str) -> int:
    return sum(1 for line in text.split("\n") if line.strip(" \t") and not line.startswith("#"))


def complaints(header: str, lines: int, foreign: set[str]) -> list[str]:
    limit = LIMITS.get(header, LIMIT)
    out = [f"{header}: {lines:,} lines, at most {limit:,}"] if lines > limit else []
    return out + [f"{header}: reaches {library}" for library in sorted(foreign) if MAY_REACH.get(header) != library]


def table(costs: dict[str, int]) -> str:
    rows = "".join(f"| `{name}` | {lines:,} |\n" for name, lines in sorted(costs.items(), key=lambda c: (-c[1], c[0])))
    return "| header | lines |\n|---|---:|\n" + rows


def page_complaints(page: str, names: list[str]) -> list[str]:
    written = {name: int(lines.replace(",", "")) for name, lines in ROW.findall(page)}
    out = [f"docs/headers.md lacks {name}: run tests/lint/header_cost.py --write" for name in names if name not in written]
    out += [f"docs/headers.md names {name}, which is no header" for name in written if name not in names]
    for name, lines in written.items():
        out += [f"docs/headers.md: {wrong}" for wrong in complaints(name, lines, set())]
    return out


def measure(compiler: str) -> tuple[dict[str, int], list[str]]:
    errors, costs = [], {}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, text in zip(headers(), pool.map(lambda name: preprocessed(name, compiler), headers())):
            costs[name] = cost(text)
            errors += complaints(name, costs[name], reached(text))
    return costs, errors


def self_test() -> list[str]:
    text = '# 1 "a.hpp"\n\nint a;\n \n# 1 "/usr/include/sodium.h" 1 3\n# 1 "/usr/include/c++/12/string" 1 3\nint b;\n'
    errors = []
    if cost(text) != 2:
        errors.append("blank lines or markers count")
    if reached(text) != {"sodium"}:
        errors.append(f"sees {reached(text)} in a header that includes libsodium")
    if reached('# 1 "/usr/include/fmt/core.h" 1') != {"fmt"} or complaints("core/format.hpp", 1, {"fmt"}):
        errors.append("fmt is not seen, or not allowed where it may be")
    if len(complaints("core/result.hpp", 22_001, {"gsl"})) != 2 or complaints("core/bytes.hpp", 60_000, set()):
        errors.append("bounds are not held")
    good = table({"a/b.hpp": 12_345})
    if page_complaints(good, ["a/b.hpp"]) or len(page_complaints(good, ["a/c.hpp"])) != 2:
        errors.append("the page is not compared with the headers")
    return errors


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="show that every rule catches an example")
    parser.add_argument("--write", action="store_true", help="write the table of docs/headers.md")
    parser.add_argument("--compiler", default=os.environ.get("CXX", "g++"))
    arguments = parser.parse_args()
    if arguments.self_test:
        errors = self_test()
    else:
        costs, errors = measure(arguments.compiler)
        print(table(costs))
        if arguments.write:
            head, mark, _ = PAGE.read_text(encoding="utf-8").partition("| header |")
            PAGE.write_text(head + table(costs), encoding="utf-8")
        errors += page_complaints(PAGE.read_text(encoding="utf-8"), headers())
    return report(errors)


if __name__ == "__main__":
    sys.exit(main())
