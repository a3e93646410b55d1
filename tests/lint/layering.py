#!/usr/bin/env python3
"""Holds the layers: a module includes only itself and modules above it in MODULES.

Of other modules only public headers count; headers under src/ are for their own module. Nothing includes what is
optional, but the command line, which stands on all of it.
"""

from __future__ import annotations

import sys
from typing import Iterator, Optional

from source import ROOT, includes, modules, run

# Lowest first.
MODULES = ("core", "crypto", "stats", "pow", "proof", "weights", "vrf", "beacon", "validation", "judgement",
           "emission", "economics", "protocol", "formats", "capi")  # fmt: skip
# Beside them: they build on all of MODULES, and no module on them.
OPTIONAL = ("reference", "soundness", "simulation", "cuda")
FRONTS = ("cli",)


def allowed(module: str) -> tuple[str, ...]:
    """The modules that a module may include."""
    if module in MODULES:
        return MODULES[: MODULES.index(module) + 1]
    return MODULES + (OPTIONAL if module in FRONTS else ()) + (module,)


def complaint(module: str, public: bool, header: str) -> Optional[str]:
    """What is wrong with a header that a file of the module includes."""
    path = header[1:-1]
    parts = path.split("/")
    if ".." in parts:
        return "leaves its folder"
    if parts[0] == "pouw":
        if header[0] == "<":
            return "our headers are included with quotes"
        if len(parts) > 2 and parts[1] not in allowed(module):
            return f"{module} stands below or beside {parts[1]}"
        return None
    if header[0] == "<":
        return None
    if public:
        return "a public header includes public headers only"
    if len(parts) > 1 and parts[0] != module:
        return f"a private header of {parts[0]}"
    return None


def check_text(module: str, public: bool, text: str) -> Iterator[tuple[int, str]]:
    for number, header in includes(text):
        if wrong := complaint(module, public, header):
            yield number, f"{header}: {wrong}"


def check() -> list[str]:
    errors = []
    for module, files in modules():
        if module not in MODULES + OPTIONAL + FRONTS:
            errors.append(f"{module}: not in the table of tests/lint/layering.py")
            continue
        for file in files:
            name = file.relative_to(ROOT).as_posix()
            public = name.startswith("include/")
            for number, wrong in check_text(module, public, file.read_text(encoding="utf-8")):
                errors.append(f"{name}:{number}: {wrong}")
    return errors


def self_test() -> list[str]:
    cases = (
        # module, public header, line, whether it is refused
        ("pow", False, '#include "pouw/crypto/blake2b.hpp"', False),
        ("pow", True, '#include "pouw/pow/config.hpp"', False),
        ("pow", False, '#include "pow/operations.hpp"', False),
        ("pow", False, '#include "operations.hpp"', False),
        ("pow", False, "#include <vector>", False),
        ("pow", False, '// #include "pouw/proof/proof.hpp"', False),
        ("reference", False, '#include "pouw/pow/backend.hpp"', False),
        ("cli", False, '#include "pouw/reference/backend.hpp"', False),
        ("cli", False, '#include "cli/progress.hpp"', False),
        ("core", False, '#include "pouw/crypto/blake2b.hpp"', True),
        ("pow", False, '  #  include "pouw/proof/proof.hpp"', True),
        ("pow", False, '#include "pouw/reference/backend.hpp"', True),
        ("pow", False, "#include <pouw/pow/config.hpp>", True),
        ("pow", True, '#include "pow/operations.hpp"', True),
        ("pow", True, '#include "operations.hpp"', True),
        ("pow", False, '#include "../crypto/secret.hpp"', True),
        ("proof", False, '#include "pow/operations.hpp"', True),
        ("reference", False, '#include "pow/operations.hpp"', True),
        ("reference", False, '#include "pouw/cuda/backend.hpp"', True),
        ("cli", False, '#include "pow/packed/backend.hpp"', True),
    )
    return [
        f"{module}: {line}: {'passes' if refused else 'is refused'}"
        for module, public, line, refused in cases
        if bool(list(check_text(module, public, line))) != refused
    ]


if __name__ == "__main__":
    sys.exit(run(__doc__, check, self_test))
