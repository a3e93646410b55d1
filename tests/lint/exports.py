#!/usr/bin/env python3
"""A shared library exports what public headers declare, and nothing else.

    exports.py LIBRARY

Every symbol that the library defines for others must be in namespace pouw, of a name that occurs in a public header.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from pathlib import Path

from source import ROOT, report, strip

# Symbols about a class: their names begin so.
ABOUT = re.compile(r"^(?:vtable|typeinfo|typeinfo name|VTT|guard variable|construction vtable) for ")
THUNK = re.compile(r"^(?:non-virtual|virtual) thunk to ")


def public_words(root: Path = ROOT) -> set[str]:
    """Every word of the public headers, outside of comments."""
    words: set[str] = set()
    for file in sorted((root / "include/pouw").rglob("*.hpp")):
        words |= set(re.findall(r"\w+", strip(file.read_text(encoding="utf-8"))))
    return words


def qualified_name(symbol: str) -> list[str]:
    """The parts of a demangled symbol's name: namespaces, classes and the name itself, without arguments."""
    name = THUNK.sub("", ABOUT.sub("", symbol))
    name = re.sub(r"\[abi:[^\]]*\]", "", name)
    name = name.replace("(anonymous namespace)", "anonymous").replace("operator()", "operator").replace("operator<=>", "operator")
    name = re.sub(r"operator\s*(?:<<|>>|<=|>=|->|<|>|[^\w\s(])[^\w\s(]?", "operator", name)
    while True:  # template arguments, from the innermost out
        shorter = re.sub(r"<[^<>]*>", "", name)
        if shorter == name:
            break
        name = shorter
    name = name.split("(")[0].strip().split(" ")[-1] if not name.startswith("operator") else name
    return [part for part in name.split("::") if part]


def complaint(symbol: str, words: set[str]) -> str:
    parts = qualified_name(symbol)
    if not parts or parts[0] != "pouw":
        return "is not in namespace pouw"
    unknown = [part.lstrip("~") for part in parts[1:] if part.lstrip("~") not in words]
    return f"{unknown[0]} is in no public header" if unknown else ""


def exported(library: Path) -> list[str]:
    command = ["nm", "-D", "--defined-only", "-C", str(library)]
    lines = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    return [line.split(" ", 2)[2] for line in lines if not re.search(r" A \S+$", line)]


def self_test() -> list[str]:
    words = {"v1", "crypto", "hash", "Race", "create", "operator", "core", "result", "Hasher", "update"}
    passed = (
        "pouw::v1::crypto::hash(std::basic_string_view<char, std::char_traits<char> >)",
        "typeinfo for pouw::v1::Race",
        "vtable for pouw::v1::Race",
        "pouw::v1::Race::~Race()",
        "pouw::v1::Race::create(std::function<void (unsigned long)> const&) const",
        "pouw::v1::crypto::operator*(pouw::v1::Race const&)",
        "pouw::v1::crypto::operator<=>(pouw::v1::Race const&)",
        "pouw::v1::crypto::Hasher<(pouw::v1::core::tag)3>::update(int)",
        "pouw::v1::core::result<int> pouw::v1::crypto::hash<std::vector<int> >(int)",
        "guard variable for pouw::v1::crypto::hash()::create",
    )
    refused = (
        "std::vector<pouw::v1::Race>::push_back(pouw::v1::Race&&)",
        "main",
        "pouw::v1::crypto::internal(int)",
        "typeinfo for pouw::v1::Internal",
        "pouw::v1::(anonymous namespace)::create()",
    )
    errors = [f"refuses {symbol}: {complaint(symbol, words)}" for symbol in passed if complaint(symbol, words)]
    return errors + [f"passes {symbol}" for symbol in refused if not complaint(symbol, words)]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--self-test", action="store_true", help="show that good and bad examples are told apart")
    parser.add_argument("library", type=Path, nargs="?")
    arguments = parser.parse_args()
    if arguments.self_test:
        errors = self_test()
    else:
        words = public_words()
        symbols = exported(arguments.library)
        errors = [f"{symbol}: {wrong}" for symbol in symbols if (wrong := complaint(symbol, words))]
        if not symbols:
            errors = ["nothing is exported"]
        print(f"{len(symbols)} symbols exported")
    return report(errors)


if __name__ == "__main__":
    sys.exit(main())
