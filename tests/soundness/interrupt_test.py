"""Ctrl-C ends `pouw soundness` soon, with what was finished, as a report that does not claim to have passed."""
import json
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest

POUW = sys.argv.pop(1)


class Interrupt(unittest.TestCase):
    def test_keeps_what_was_finished(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number.name), tempfile.TemporaryDirectory() as folder:
                process = subprocess.Popen([POUW, "soundness", "--quick", "--json", "--output", folder],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
                time.sleep(5)
                process.send_signal(number)
                out, error = process.communicate(timeout=120)
                self.assertEqual(process.returncode, 130, error)
                report = json.loads(out)
                self.assertEqual((report["complete"], report["passed"]), (False, False))
                self.assertEqual(json.loads((pathlib.Path(folder) / "report.json").read_text()), report)
                self.assertIn("INCOMPLETE", (pathlib.Path(folder) / "report.md").read_text())


if __name__ == "__main__":
    unittest.main()
