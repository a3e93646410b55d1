#!/usr/bin/env python3
"""README.md tells the truth: its program is the example that the tests compile, and prints what it says; its commands and
files exist.

    readme_test.py PATH-OF-FIRST-PROOF PATH-OF-POUW
"""

import json
import pathlib
import re
import subprocess
import sys
import unittest

FIRST_PROOF, POUW = sys.argv[1:3]
ROOT = pathlib.Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text()


class Readme(unittest.TestCase):
    def test_the_program_is_the_compiled_one(self):
        program = re.search(r"```cpp\n(.*?)```", README, re.S).group(1)
        self.assertEqual(program, (ROOT / "examples/first_proof.cpp").read_text())

    def test_the_program_prints_what_is_written(self):
        printed = subprocess.run([FIRST_PROOF], capture_output=True, text=True, check=True).stdout
        self.assertIn("\n" + printed, README)

    def test_the_make_targets_exist(self):
        makefile = (ROOT / "Makefile").read_text()
        for target in set(re.findall(r"make ([a-z-]+)", README)):
            self.assertIn(f"\n{target}:", makefile)

    def test_the_links_lead_somewhere(self):
        for page in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
            prose = re.sub(r"```.*?```", "", page.read_text(), flags=re.S)
            for link in re.findall(r"\]\(([^)#]+)", prose):
                if not link.startswith("http"):
                    self.assertTrue((page.parent / link).exists(), f"{page.name}: {link}")

    def test_the_presets_are_those_of_the_library(self):
        info = json.loads(subprocess.run([POUW, "info", "--json"], capture_output=True, text=True, check=True).stdout)
        for preset in info["presets"]:
            if preset["sound"]:
                self.assertIn(f"`{preset['name']}`", README)
                self.assertIn(f"{int(preset['parameters']):,}", README)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
