#!/usr/bin/env python3
"""Runs the bad days of scaling: the real daemon between sources that lie and targets that break.

usage: run.py [PATTERN]      PATTERN: part of a module's name, as in `run.py data`
$LOADLINE_BIN is the program."""
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "cli"), os.path.join(TESTS, "notify")]

if __name__ == "__main__":
    pattern = f"test_*{sys.argv[1]}*.py" if len(sys.argv) > 1 else "test_*.py"
    suite = unittest.defaultTestLoader.discover(HERE, pattern=pattern)
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(suite)
    failed = len(result.failures) + len(result.errors)
    passed = max(0, result.testsRun - failed - len(result.skipped))
    print(f"{passed} passed, {failed} failed")
    sys.exit(0 if result.wasSuccessful() and result.testsRun else 1)
