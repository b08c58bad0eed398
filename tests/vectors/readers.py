#!/usr/bin/env python3
"""Feeds the stdin drivers documents that must be accepted or refused: readers.py NAME DRIVER."""
import os
import random
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "remote-write"))
import encode  # noqa: E402

ACCEPT = {
    "json": ["{}", "[]", "1", '"a"', '{"a":[1,2.5e-3,null,true]}', '"\\ud83d\\ude00"', " [ ] \n"],
    "yaml": ["", "a: 1", "a: [1, 2]", '{"a": "b"}', "a:\n  - b: c\n", "# only a comment\n"],
}
REFUSE = {
    "json": ["", "{", "[1,]", "01", "'a'", '{"a" 1}', "NaN", '"\\ud83d"', "[" * 65 + "]" * 65, "1 2"],
    "yaml": ["a: 1\na: 2", "a: &x 1\nb: *x", "a: !!str 1", "---\na: 1\n---\nb: 2", "[" * 70 + "]" * 70],
}
REFUSE_BYTES = {"json": [b'"\xff"', b'"\x00"', b"\xef\xbb\xbf{}"], "yaml": [b"a: \xff", b"a: \x00"]}


MIB = 1 << 20


def copies(n):
    """A block of n zeros: one literal, then copies of 64 bytes, the most that three bytes yield."""
    body, left = b"\x00\x00", n - 1
    body += b"\xfe\x01\x00" * (left // 64)
    return encode.varint(n) + body + (bytes([(left % 64 - 1) << 2 | 2, 1, 0]) if left % 64 else b"")


def snappy_rows():
    """(block, what it decodes to; None: it must be refused; a number: if not, it has so many bytes)"""
    random.seed(7)
    text = b"".join(b"label_%d=value_%d;" % (i % 50, i) for i in range(4000))
    noise = bytes(random.getrandbits(8) for _ in range(70000))
    good = encode.snappy(text)
    yield b"\x00", b""
    for plain in (b"a", b"abcd" * 30, text, noise, bytes(100000)):
        yield encode.snappy(plain), plain
    yield b"\x85\x00" + b"\x10abcde", b"abcde"  # a length that is longer than it need be
    yield b"\x0a\x00a\x16\x01\x00" + b"\x08bcd", b"aaaaaaabcd"  # copies of two bytes offset
    yield b"\x05\x00a\x01\x01", b"aaaaa"  # of one byte offset
    yield b"\x05\x00a\x0f\x01\x00\x00\x00", b"aaaaa"  # of four
    yield b"\x05\xf0\x04abcde", b"abcde"  # a literal with its length behind it, in 1 to 4 bytes
    yield b"\x05\xf4\x04\x00abcde", b"abcde"
    yield b"\x05\xf8\x04\x00\x00abcde", b"abcde"
    yield b"\x05\xfc\x04\x00\x00\x00abcde", b"abcde"
    yield copies(64 * MIB), bytes(64 * MIB)
    yield copies(64 * MIB + 1), None  # over the driver's limit
    for n in range(0, len(good), 211):
        yield good[:n], None
    yield good + b"\x00x", None
    yield good[1:], None
    for claim in (2**32 - 1, 2**31, 65 * MIB, len(text) - 1, len(text) + 1):
        yield encode.varint(claim) + good[2:] if claim < MIB else encode.varint(claim) + b"\x00a", None
    yield b"\xff\xff\xff\xff\x0f\x00a", None  # seven bytes that claim 4 GiB
    yield b"\xff\xff\xff\xff\x1f\x00a", None  # and more than a length can say
    yield b"\xff" * 12, None
    yield b"\x80", None
    yield b"\x05", None  # a length and nothing else
    yield b"\x08\x00a\x12\x02\x00" + b"\x04bc", None  # a copy from before the start
    yield b"\x05\x01\x01", None  # a copy with nothing in front
    yield b"\x05\x00a\x01\x00", None  # an offset of zero
    yield b"\x05\x00a\x0f\xff\xff\xff\xff", None
    yield b"\x05\xfc\xff\xff\xff\xffabcde", None  # a literal longer than everything
    yield b"\x04\x10abcde", None  # more than was claimed
    yield b"\x06\x10abcde", None  # less
    for _ in range(60):  # bits that flipped: refused, or at least of the length they claim
        at = random.randrange(2, len(good))
        yield good[:at] + bytes([good[at] ^ 1 << random.randrange(8)]) + good[at + 1 :], len(text)


def snappy(driver):
    """Lines about what was wrong, and how many blocks there were."""
    faults, n = [], 0
    for block, want in snappy_rows():
        n += 1
        p = subprocess.run([driver], input=block, capture_output=True, timeout=20, check=False)
        if isinstance(want, int):
            ok = p.returncode in (0, 1) and len(p.stdout) == (0 if p.returncode else want)
        elif want is None:
            ok = p.returncode == 1 and p.stdout == b"" and p.stderr
        else:
            ok = p.returncode == 0 and p.stdout == want
        if not ok:
            faults.append(f"snappy: {block[:40]!r} ({len(block)} bytes): exit {p.returncode}, {p.stderr[:200]!r}")
    return faults, n


def verdict(driver, text):
    p = subprocess.run([driver], input=text, stderr=subprocess.DEVNULL, timeout=20, check=False)
    return p.returncode


def main():
    name, driver = sys.argv[1:3]
    if name == "snappy":
        faults, n = snappy(driver)
        print("\n".join(faults) + f"\n{n - len(faults)} passed, {len(faults)} failed")
        return 1 if faults else 0
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
