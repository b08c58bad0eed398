#!/usr/bin/env python3
"""Feeds the stdin drivers documents that must be accepted or refused: readers.py NAME DRIVER."""
import subprocess
import sys

ACCEPT = {
    "json": ["{}", "[]", "1", '"a"', '{"a":[1,2.5e-3,null,true]}', '"\\ud83d\\ude00"', " [ ] \n"],
    "yaml": ["", "a: 1", "a: [1, 2]", '{"a": "b"}', "a:\n  - b: c\n", "# only a comment\n"],
}
REFUSE = {
    "json": ["", "{", "[1,]", "01", "'a'", '{"a" 1}', "NaN", '"\\ud83d"', "[" * 65 + "]" * 65, "1 2"],
    "yaml": ["a: 1\na: 2", "a: &x 1\nb: *x", "a: !!str 1", "---\na: 1\n---\nb: 2", "[" * 70 + "]" * 70],
}
REFUSE_BYTES = {"json": [b'"\xff"', b'"\x00"', b"\xef\xbb\xbf{}"], "yaml": [b"a: \xff", b"a: \x00"]}


def verdict(driver, text):
    p = subprocess.run([driver], input=text, stderr=subprocess.DEVNULL, timeout=20, check=False)
    return p.returncode


def main():
    name, driver = sys.argv[1:3]
    rows = [(t.encode(), 0) for t in ACCEPT[name]]
    rows += [(t.encode(), 1) for t in REFUSE[name]] + [(b, 1) for b in REFUSE_BYTES[name]]
    failed = 0
    for text, want in rows:
        got = verdict(driver, text)
        if got != want:
            failed += 1
            print(f"{name}: {text[:60]!r}: exit {got}, expected {want}")
    print(f"{len(rows) - failed} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
