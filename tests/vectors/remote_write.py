#!/usr/bin/env python3
"""The decoder of remote-write against recorded requests and an encoder of its own kind:
remote_write.py DRIVER."""
import json
import os
import random
import struct
import subprocess
import sys

sys.dont_write_bytecode = True
DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "remote-write")
sys.path.insert(0, DATA)
import encode  # noqa: E402

NOW = 1795421300000
OLDEST = NOW - 15 * 86400000


def bits(value):
    return value[::-1].hex() if isinstance(value, bytes) else struct.pack(">d", value).hex()


def decode(driver, block, protocol=1):
    """(series as [labels, kind, samples], counts), or None and why."""
    p = subprocess.run([driver, str(protocol), str(NOW), str(OLDEST)], input=block, capture_output=True,
                       timeout=60, check=False)
    if p.returncode != 0:
        return None, p.stderr.decode()
    rows = [json.loads(line) for line in p.stdout.splitlines()]
    return [(r["labels"], r["kind"], r["samples"]) for r in rows[:-1]], rows[-1]


def recorded(driver):
    for name in sorted(f for f in os.listdir(DATA) if f.endswith(".bin")):
        with open(os.path.join(DATA, name), "rb") as f:
            block = f.read()
        with open(os.path.join(DATA, name.replace(".bin", ".expected.json")), encoding="utf-8") as f:
            want = json.load(f)
        got, counts = decode(driver, block)
        rows = [(w["labels"], 0, [[bits(float(v)), t] for v, t in w["samples"]]) for w in want]
        stale = [(l, k, [[b, t] for b, t in s]) for l, k, s in got or []]
        yield name, got is not None and len(rows) > 0 and same(rows, stale) and sum(counts["refused"]) == 0


def same(want, got):
    """As lists; a NaN of the text form stands for any NaN."""
    if len(want) != len(got):
        return False
    for (wl, wk, ws), (gl, gk, gs) in zip(want, got):
        nan = struct.pack(">d", float("nan")).hex()[:4]
        points = [(w == g) or (w[0][:4] == nan and int(g[0][:4], 16) & 0x7FF0 == 0x7FF0 and w[1] == g[1])
                  for w, g in zip(ws, gs)]
        if wl != gl or wk != gk or len(ws) != len(gs) or not all(points):
            return False
    return True


def text(rng, n):
    letters = "abcdefgh_ABC019./ äß€𝄞\"\\\n"
    return "".join(rng.choice(letters) for _ in range(n))


def random_series(rng):
    labels = {"__name__": text(rng, rng.randrange(1, 30))}
    for _ in range(rng.randrange(0, 12)):
        labels[text(rng, rng.randrange(1, 12))] = text(rng, rng.choice((1, 7, 130, 1000)))
    values = [0.0, 1.0, -2.5, float("inf"), encode.STALE, encode.NAN, rng.random()]
    samples = [(rng.choice(values), rng.randrange(OLDEST, NOW)) for _ in range(rng.randrange(1, 4))]
    return labels, samples, rng.choice((None, 0, 1, 2))


def generated(driver):
    """What was encoded comes out, in both protocols, labels in any order."""
    rng = random.Random(5)
    for i in range(6):
        series = [random_series(rng) for _ in range(rng.choice((1, 5, 200)))]
        one, two, want = [], encode.Request2(), []
        for labels, samples, kind in series:
            pairs = list(labels.items())
            rng.shuffle(pairs)
            one.append((pairs, samples))
            two.add(pairs, samples, kind, packed=i % 2 == 0)
            want.append((labels, 0, [[bits(v), t] for v, t in samples]))
        got, counts = decode(driver, encode.snappy(encode.request_1(one)))
        yield f"1.0, request {i}", got == want and sum(counts["refused"]) == 0
        kinds = {None: 0, 0: 0, 1: 2, 2: 1}  # enum ll_labeled_kind
        want = [(w[0], kinds[s[2]], w[2]) for w, s in zip(want, series)]
        got, counts = decode(driver, encode.snappy(two.bytes()), 2)
        yield f"2.0, request {i}", got == want and sum(counts["refused"]) == 0


def main():
    passed, failed = 0, 0
    for name, ok in [*recorded(sys.argv[1]), *generated(sys.argv[1])]:
        passed += ok
        failed += not ok
        if not ok:
            print(f"remote_write: {name} came out differently")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
