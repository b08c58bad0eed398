#!/usr/bin/env python3
"""Runs the bad days of scaling: the real daemon between sources that lie and targets that break.

usage: run.py [PATTERN] [TEST]      PATTERN: part of a module's name, as in `run.py data`;
                                    TEST: part of a test's name
$LOADLINE_BIN is the program.  Tests wait most of the time, so several run at once."""
import concurrent.futures
import os
import sys
import unittest

sys.dont_write_bytecode = True
HERE = os.path.dirname(os.path.abspath(__file__))
TESTS = os.path.dirname(HERE)
sys.path[:0] = [HERE, os.path.join(TESTS, "cli"), os.path.join(TESTS, "notify")]
AT_ONCE = 6


def each(suite):
    for test in suite:
        if isinstance(test, unittest.TestSuite):
            yield from each(test)
        else:
            yield test


def run_one(test):
    result = unittest.TestResult()
    test.run(result)
    return result


def main(pattern="", part=""):
    found = unittest.defaultTestLoader.discover(HERE, pattern=f"test_*{pattern}*.py")
    tests = [t for t in each(found) if part in t.id()]
    passed = failed = 0
    with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {pool.submit(run_one, t): t for t in tests}
        for run in concurrent.futures.as_completed(runs):
            result = run.result()
            bad = result.failures + result.errors
            for which, text in bad:
                print(f"{which.id()}: {text}")
            passed, failed = passed + (not bad), failed + bool(bad)
            print(f"{'not ok' if bad else 'ok'} {runs[run].id()}", flush=True)
    print(f"{passed} passed, {failed} failed")
    return 0 if passed and not failed else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
