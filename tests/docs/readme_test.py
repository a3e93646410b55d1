#!/usr/bin/env python3
"""README.md tells the truth: its program is the example that the tests compile, and prints what it says; its commands and
files exist.

    readme_test.py PATH-OF-FIRST-PROOF PATH-OF-POUW
"""

import itertools
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

    def test_the_backends_are_those_of_the_program(self):
        page = (ROOT / "docs/pow.md").read_text()
        told = json.loads(subprocess.run([POUW, "info", "--json"], capture_output=True, check=True).stdout)["backends"]
        self.assertGreaterEqual(len(told), 1)
        for backend in told:
            row = f"| {backend['name']} | {backend['priority']} | {backend['instruction']} |"
            self.assertIn(row.replace("|  |", "| |"), page)

    def commands(self):
        section = README.split("## The command line")[1].split("##")[0]
        return [line.split("#")[0].split()[1:] for line in re.findall(r"^    (pouw .*)$", section, re.M)]

    def test_the_commands_have_their_options(self):
        self.assertGreater(len(self.commands()), 10)
        for command in self.commands():
            words = list(itertools.takewhile(lambda word: word.isalpha(), command[:2]))
            helped = subprocess.run([POUW, *words, "--help"], capture_output=True, text=True)
            self.assertEqual(helped.returncode, 0, command)
            for option in (word for word in command if word.startswith("--")):
                self.assertIn(option, helped.stdout, command)

    def test_the_commands_that_need_no_file_run(self):
        ran = 0
        for command in self.commands():
            if command[0] in ("bench", "soundness") or any("HEX" in word or "." in word[1:] and not word[0].isdigit()
                                                           for word in command):
                continue
            run = subprocess.run([POUW, *command], capture_output=True, text=True)
            self.assertIn(run.returncode, (0, 1), f"{command}: {run.stderr}")
            ran += 1
        self.assertGreaterEqual(ran, 5)

    def test_the_presets_are_those_of_the_library(self):
        info = json.loads(subprocess.run([POUW, "info", "--json"], capture_output=True, text=True, check=True).stdout)
        for preset in info["presets"]:
            if preset["sound"]:
                self.assertIn(f"`{preset['name']}`", README)
                self.assertIn(f"{int(preset['parameters']):,}", README)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
