#!/usr/bin/env python3
"""P14, P15, P16 on the way of remote-write: bodies that claim, swell, poison or lie; whatever comes,
good data is taken afterwards, bad data is 4xx, and memory stays bounded."""
import os
import sys
import threading
import time

from live import SANITIZED, Day

DATA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "data", "remote-write")
sys.path.insert(0, DATA)
import encode  # noqa: E402

ONE = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
TWO = {**ONE, "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}
WRITTEN = "X-Prometheus-Remote-Write-Samples-Written"
MIB = 1 << 20


def post(d, block, headers=None):
    return d.request("POST", "/api/v1/write", block, headers or ONE, timeout=60)


def now_ms():
    return int(time.time() * 1000)


def good(day, d, what):
    """One sample that must be taken."""
    message = encode.request_1([([("__name__", "good")], [(1.0, now_ms())])])
    status, fields, body = post(d, encode.snappy(message))
    day.must(status == 204 and fields[WRITTEN] == "1", f"after {what}: {status} {body[:200]}")


def bombs(day, d):
    good(day, d, "the start")
    before, worst = d.rss_kib(), 0
    for _ in range(50):
        began = time.monotonic()
        status, _, body = post(d, b"\xff\xff\xff\xff\x0f\x00a")
        worst = max(worst, time.monotonic() - began)
        day.must(status in (400, 413), f"seven bytes that claim 4 GiB: {status} {body[:200]}")
    grown = d.rss_kib() - before
    day.must(worst < 0.05 or not day.timed, f"a claim took {worst * 1000:.0f} ms")
    if not SANITIZED:
        day.must(grown < 1024, f"claims cost {grown} KiB")
    zeros = encode.varint(64 * MIB) + b"\x00\x00" + b"\xfe\x01\x00" * MIB + b"\xfa\x01\x00"
    status, _, body = post(d, zeros)
    day.must(status == 413, f"64 MiB of zeros: {status} {body[:200]}")
    good(day, d, "bombs")
    day.figures.update(worst_claim_ms=round(worst * 1000, 1), claims_kib=grown)


def swelling(n):
    """A request of 2.0 whose series are short and become 16 KiB each."""
    r = encode.Request2(["", "__name__", "m"] + [f"l{i:02}" + "x" * 150 for i in range(90)])
    refs = [1, 2] + [x for i in range(45) for x in (3 + i, 48 + i)]
    one = encode.text(5, encode.text(1, b"".join(map(encode.varint, refs))) + encode.text(2, encode.sample(1.0, now_ms())))
    r.series = one * n
    return encode.snappy(r.bytes())


def swells(day, d):
    block, statuses = swelling(20000), []
    peak = [0]

    def send():
        statuses.append(post(d, block, TWO)[0])

    def watch(stop):
        while not stop.is_set():
            peak[0] = max(peak[0], d.rss_kib())
            time.sleep(0.01)

    stop = threading.Event()
    watcher = threading.Thread(target=watch, args=(stop,))
    watcher.start()
    threads = [threading.Thread(target=send) for _ in range(8 if day.quick else 64)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    stop.set()
    watcher.join()
    day.must(statuses and set(statuses) <= {413, 429}, f"requests that swell: {sorted(set(statuses))}")
    if not SANITIZED:
        day.must(peak[0] < 160 * 1024, f"{peak[0]} KiB at the peak of swelling requests")
    good(day, d, "requests that swell")
    day.figures["swell_peak_mib"] = peak[0] // 1024


def poison(day, d):
    t = now_ms()
    for value, time_ms in ((1.0, 2**63 - 1), (2.0, -(2**63)), (encode.NAN, t + 10**9), (1.0, 0), (1.0, 253402300800000)):
        status, fields, _ = post(d, encode.snappy(encode.request_1([([("__name__", "good")], [(value, time_ms)])])))
        day.must(status == 400 and fields[WRITTEN] == "0", f"a sample at {time_ms}: {status}")
    for value in (encode.STALE, encode.NAN, float("inf"), -0.0):
        name = [("__name__", "odd"), ("v", str(value))]
        status, _, body = post(d, encode.snappy(encode.request_1([(name, [(value, t)])])))
        day.must(status == 204, f"the value {value!r}: {status} {body[:200]}")
    good(day, d, "poisoned times")


def limits(day, d):
    name, t = [("__name__", "x")], now_ms()
    many = encode.series_1(name, [(1.0, t)])
    status, _, body = post(d, encode.snappy(encode.text(1, many) * 200001))
    day.must(status == 413, f"200,001 series: {status} {body[:200]}")
    wide = [("__name__", "x")] + [(f"l{i}", "v") for i in range(128)]
    status, fields, body = post(d, encode.snappy(encode.request_1([(wide, [(1.0, t)]), (name, [(1.0, t)])])))
    day.must(status == 400 and fields[WRITTEN] == "1", f"129 labels: {status} {body[:200]}")
    long = [("__name__", "x"), ("l", "v" * 17000)]
    status, fields, body = post(d, encode.snappy(encode.request_1([(long, [(1.0, t)]), (name, [(1.0, t)])])))
    day.must(status == 400 and fields[WRITTEN] == "1", f"17 kB of labels: {status} {body[:200]}")
    good(day, d, "limits")


def damaged(day, d):
    """Recorded requests with bytes changed, cut out or put in: in the block, or in what it holds."""
    n, seen = 300 if day.quick else 20000, {}
    blocks = []
    for name in sorted(os.listdir(DATA)):
        if name.endswith(".bin"):
            with open(os.path.join(DATA, name), "rb") as f:
                blocks.append(f.read())
    messages = [encode.unsnappy(b)[:4000] for b in blocks]
    for i in range(n):
        inside = i % 2 == 0
        data = bytearray(day.rng.choice(messages if inside else blocks))
        for _ in range(day.rng.randrange(1, 4)):
            at = day.rng.randrange(len(data))
            data[at : at + day.rng.randrange(0, 3)] = os.urandom(day.rng.randrange(0, 3))
        status, _, body = post(d, encode.snappy(bytes(data)) if inside else bytes(data), TWO if i % 5 == 0 else ONE)
        seen[status] = seen.get(status, 0) + 1
        if not day.must(status in (204, 400, 413) and d.alive(), f"damaged {i}: {status} {body[:200]} {bytes(data)[:80]!r}"):
            return
    day.must(seen.get(400, 0) > n // 4, f"damage was hardly noticed: {seen}")
    good(day, d, "damaged requests")
    day.figures["damaged"] = "/".join(f"{k}:{v}" for k, v in sorted(seen.items()))


def main():
    with Day("remote_write") as day:
        d = day.daemon("--storage.retention.raw=3650d")
        d.start()
        for part in (bombs, swells, poison, limits, damaged):
            part(day, d)
        code, _ = d.end()
        day.must(code == 0, f"it ended with {code}: {d.said()[-2000:]}")


main()
