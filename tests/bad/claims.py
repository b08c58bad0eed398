#!/usr/bin/env python3
"""P14, P15: what a request claims about itself is checked before it costs anything, and bytes that
are no HTTP at all never end the daemon."""
import json
import os
import socket
import time

from live import SANITIZED, Day, read_answer, sample, span

HEAD = b"POST /api/v1/metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
GET = b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n"
MIB = 1 << 20


def claim(day, d, name, data, wanted, within=None):
    """Sends data and keeps the sending side open: the answer may not wait for more."""
    with d.connect() as s:
        began = time.monotonic()
        s.sendall(data)
        s.settimeout(2 if 0 in wanted else span(2))
        got = b""
        try:
            while b"\r\n\r\n" not in got:
                part = s.recv(65536)
                if not part:
                    break
                got += part
        except OSError:
            pass
        took = time.monotonic() - began
    status = int(got[9:12]) if got[:5] == b"HTTP/" else 0
    day.must(status in wanted, f"{name}: answered {status}, not {wanted}: {got[:80]}")
    if within and day.timed:
        day.must(took <= within, f"{name}: took {took * 1000:.0f} ms")
    return took


def flood(day, d, name, head, piece, most, wanted):
    """Sends until it is told to stop: a body that says it has no end."""
    with d.connect(timeout=10) as s:
        sent = 0
        try:
            s.sendall(head)
            while sent < most:
                s.sendall(piece)
                sent += len(piece)
                s.setblocking(False)
                try:
                    if s.recv(1, socket.MSG_PEEK):
                        break
                except BlockingIOError:
                    pass
                finally:
                    s.settimeout(span(10))
        except OSError:
            pass
        status, got = read_answer(s)
    # A peer that resets may take the answer with it; then there is none, which is allowed.
    day.must(status in wanted, f"{name}: answered {status} after {sent} bytes: {got[:80]}")
    day.must(sent < most, f"{name}: all {sent} bytes were taken")
    return sent


def claims_of_size(day, d):
    d.push()
    time.sleep(0.3)
    before, worst = d.rss_kib(), 0
    for n in (4 << 30, 1 << 40, (1 << 63) - 1, (1 << 64) - 1, 10**30, 17 * MIB):
        for _ in range(5):
            head = HEAD + b"Content-Length: %d\r\n\r\n" % n
            worst = max(worst, claim(day, d, f"Content-Length {n}", head, (400, 413), 0.05))
            claim(day, d, f"Content-Length {n} and bytes", head + b'{"me', (400, 413), 0.05)
    for bad in (b"-1", b"+5", b"0x10", b"5,5", b"5 5", b"", b"1e3"):
        claim(day, d, f"Content-Length '{bad.decode()}'", HEAD + b"Content-Length: " + bad + b"\r\n\r\n", (400,))
    claim(day, d, "two lengths", HEAD + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\n", (400,))
    both = HEAD + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"
    claim(day, d, "length and chunks", both, (400,))
    claim(day, d, "gzip", HEAD + b"Content-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\0", (415,))
    claim(day, d, "chunk of 2^62", HEAD + b"Transfer-Encoding: chunked\r\n\r\n4000000000000000\r\nx", (0, 400, 413))
    grown = d.rss_kib() - before
    if not SANITIZED:
        day.must(grown < 1024, f"claims alone cost {grown} KiB")
    day.figures.update(worst_claim_ms=round(worst * 1000, 1), grown_kib=grown)


def bodies(day, d):
    for depth, wanted in ((60, 200), (65, 400), (100_000, 400)):
        deep = b'{"metrics":[{"service":"deep","resource_type":"CPU","current_value":1,"x":' + b"[" * depth
        status, _, got = d.request("POST", "/api/v1/metrics", deep + b"]" * depth + b'},{"service":"flat",'
                                   b'"resource_type":"CPU","current_value":1}]}')
        day.must(status == wanted, f"depth {depth}: {status} {got[:120]}")
    before = d.rss_kib()
    day.figures["endless_bytes"] = flood(
        day, d, "endless chunks", HEAD + b"Transfer-Encoding: chunked\r\n\r\n",
        b"10000\r\n" + b" " * 65536 + b"\r\n", 64 * MIB, (0, 413))
    flood(day, d, "17 MiB", HEAD + b"Content-Length: %d\r\n\r\n" % (17 * MIB), b" " * 65536, 17 * MIB, (0, 413))
    many = {"metrics": [sample(timestamp=int(time.time()) - i) for i in range(20_001)]}
    status, _, got = d.request("POST", "/api/v1/metrics", many)
    day.must(status == 413, f"20,001 samples: {status} {got[:120]}")
    zeros = d.request("POST", "/api/v1/metrics", b"0" * (15 * MIB))[0]
    day.must(zeros == 400, f"15 MiB of digits: {zeros}")
    refused = {"metrics": [{"x": 1}] * 10_000}
    status, _, got = d.request("POST", "/api/v1/metrics", refused)
    day.must(status == 400 and len(json.loads(got)["rejected"]) == 10_000, f"10,000 bad ones: {status} {got[:90]}")
    time.sleep(0.5)
    grown = d.rss_kib() - before
    if not SANITIZED:
        day.must(grown < 6 * 1024, f"{grown} KiB stay after large bodies")
    day.figures["kept_kib"] = grown


def request_lines(day, d):
    ok = (200,)
    bad = (400, 404, 405, 414, 421, 431, 501, 505, 0)
    # 1,000 parameters: the HTTP library has no memory left to answer with; the deadline cuts it.
    rows = [
        ("header of 64 KiB", GET + b"X: " + b"a" * 65536 + b"\r\n\r\n", (400, 413, 431, 0)),
        ("10,000 headers", GET + b"X: y\r\n" * 10_000 + b"\r\n", (400, 413, 431, 0)),
        ("address of 64 KiB", b"GET /" + b"a" * 65536 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", bad),
        ("address of 9 KiB", b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (414,)),
        ("no version", b"GET /-/healthy\r\n\r\n", bad),
        ("HTTP/1.0", b"GET /-/healthy HTTP/1.0\r\n\r\n", ok),
        ("HTTP/1.0 with a Host", b"GET /api/v1/summary HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n", ok),
        ("HTTP/1.1 without a Host", b"GET /api/v1/summary HTTP/1.1\r\n\r\n", (400, 421)),
        ("two Hosts", b"GET /api/v1/summary HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: x\r\n\r\n", (400,)),
        ("a foreign Host", b"GET /api/v1/summary HTTP/1.1\r\nHost: evil.example\r\n\r\n", (421,)),
        ("HTTP/2.0", b"GET /-/healthy HTTP/2.0\r\nHost: 127.0.0.1\r\n\r\n", bad + ok),
        ("h2 preface", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", bad),
        ("HTTP/9", b"GET / HTTP/9999999999.1\r\n\r\n", bad),
        ("TRACE", b"TRACE / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (405, 501, 400)),
        ("CONNECT", b"CONNECT 127.0.0.1:22 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 404, 405, 501)),
        ("an absolute address", b"GET http://evil.example/api/v1/summary HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", bad),
        ("dots", b"GET /../../etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 404)),
        ("escaped dots", b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 404)),
        ("NUL escaped", b"GET /api/v1/summary%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 404)),
        ("a broken escape", b"GET /api/v1/%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 404)),
        ("NUL in a header", GET + b"X: a\0b\r\n\r\n", bad + ok),
        ("bare CR", GET + b"X: a\rY: b\r\n\r\n", bad + ok),
        ("a folded header", GET + b"X: a\r\n b\r\n\r\n", bad + ok),
        ("no colon", GET + b"nonsense\r\n\r\n", bad + ok),
        ("blank lines only", b"\r\n" * 10_000, bad),
        ("nothing", b"", (0,)),
        ("LF only", b"GET /-/healthy HTTP/1.1\nHost: 127.0.0.1\n\n", bad + ok),
        ("a limit that is not one", b"GET /api/v1/top?limit=-1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400,)),
        ("1,000 parameters", b"GET /api/v1/top?" + b"a=b&" * 1000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", (400, 0)),
        ("a range of ages", b"GET /api/v1/metrics?service=host&resource_type=CPU&from=0&step=1 HTTP/1.1\r\n"
         b"Host: 127.0.0.1\r\n\r\n", (200, 400, 404)),
    ]
    for name, data, wanted in rows:
        status, got = d.raw(data, timeout=1 if 0 in wanted else None)
        day.must(status in wanted, f"{name}: {status}, not {wanted}: {got[:100]}")
        day.must(d.alive(), f"{name}: it ended the daemon: {d.said()[-500:]}")
    day.figures["request_lines"] = len(rows)


def pipelines(day, d):
    three = GET + b"\r\n" + HEAD + b"Content-Length: 2\r\n\r\n{}" + GET + b"Connection: close\r\n\r\n"
    status, got = d.raw(three, answers=3)
    day.must(got.count(b"HTTP/1.1 ") == 3, f"pipelined: {got.count(b'HTTP/1.1 ')} answers of 3")
    status, got = d.raw(b"HEAD /api/v1/summary HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
    head, _, rest = got.partition(b"\r\n\r\n")
    day.must(status == 200 and rest == b"" and b"content-length" in head.lower(), f"HEAD: {got[:200]}")
    # A refused body must never be taken for a request.
    smuggled = b"GET /-/healthy HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
    status, got = d.raw(HEAD.replace(b"/metrics", b"/nowhere") + b"Content-Length: %d\r\n\r\n" % len(smuggled) + smuggled)
    day.must(got.count(b"HTTP/1.1 ") == 1, f"a body was answered as a request: {got[:300]}")


def garbage(day, d):
    n = 100 if day.quick else 5000
    seeds = [GET + b"\r\n", HEAD + b"Content-Length: 2\r\n\r\n{}", HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
             b"GET /api/v1/metrics?service=a&resource_type=CPU&hours=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
    for i in range(n):
        if i % 3 == 0:
            data = os.urandom(day.rng.randrange(1, 4096))
        else:
            data = bytearray(day.rng.choice(seeds))
            for _ in range(day.rng.randrange(1, 6)):
                at = day.rng.randrange(len(data))
                data[at : at + day.rng.randrange(0, 3)] = os.urandom(day.rng.randrange(0, 3))
                if not data:
                    data = bytearray(b"x")
        d.raw(bytes(data), timeout=0.05)
        if not day.must(d.alive(), f"garbage {i} ended it: {bytes(data)!r}"):
            return
    day.figures["garbage"] = n


def main():
    with Day("claims") as day:
        d = day.daemon("--check-interval-seconds=1")
        d.start()
        for part in (claims_of_size, bodies, request_lines, pipelines, garbage):
            part(day, d)
        day.must(d.answers("/-/healthy"), "it does not answer at the end")
        code, _ = d.end()
        day.must(code == 0, f"it ended with {code}: {d.said()[-2000:]}")


main()
