"""Remote-write to the real daemon: recorded requests, both protocols, bytes that mean harm."""
import http.client
import json
import os
import struct
import sys
import tempfile
import time
import unittest

import support
from support import daemon

DATA = os.path.join(support.SOURCE, "tests", "data", "remote-write")
sys.path.insert(0, DATA)
import encode  # noqa: E402

ONE = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
TWO = {**ONE, "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"}
WRITTEN = "X-Prometheus-Remote-Write-Samples-Written"
MIB = 1 << 20


def now_ms():
    return int(time.time() * 1000)


def recordings():
    """(name, block, headers, series) of each recorded request."""
    for name in sorted(f[:-4] for f in os.listdir(DATA) if f.endswith(".bin")):
        with open(os.path.join(DATA, name + ".bin"), "rb") as f:
            block = f.read()
        with open(os.path.join(DATA, name + ".headers.json"), encoding="utf-8") as f:
            headers = {k: v for k, v in json.load(f).items() if k not in ("Host", "Content-Length")}
        with open(os.path.join(DATA, name + ".expected.json"), encoding="utf-8") as f:
            yield name, block, headers, json.load(f)


def bits(text):
    """Prometheus writes a NaN that was measured with a one at its end; text does not show it."""
    return encode.NAN[::-1].hex() if text == "NaN" else struct.pack(">d", float(text)).hex()


def zeros(n):
    """A block of n zeros: 64 of them in three bytes."""
    return encode.varint(n) + b"\x00\x00" + b"\xfe\x01\x00" * ((n - 1) // 64) + b"\x02\x01\x00" * ((n - 1) % 64)


def post(d, block, headers):
    c = http.client.HTTPConnection("127.0.0.1", d.port, timeout=300)
    try:
        c.request("POST", "/api/v1/write", block, headers)
        r = c.getresponse()
        return r.status, r.headers, r.read()
    finally:
        c.close()


class Write(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scope = daemon("--storage.retention.raw=3650d")
        cls.d = cls.scope.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.scope.__exit__(None, None, None)

    def write(self, status, message, headers=None, written=None):
        got, fields, body = post(self.d, encode.snappy(message), headers or ONE)
        self.assertEqual(got, status, body)
        if written is not None:
            self.assertEqual(fields[WRITTEN], str(written), body)
        return body

    def memory_kb(self):
        with open(f"/proc/{self.d.process.pid}/status", encoding="utf-8") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))

    def cpu_seconds(self):
        with open(f"/proc/{self.d.process.pid}/stat", encoding="utf-8") as f:
            user, system = f.read().rsplit(")", 1)[1].split()[11:13]
        return (int(user) + int(system)) / os.sysconf("SC_CLK_TCK")

    def test_recorded_requests_are_taken(self):
        n = 0
        for name, block, headers, want in recordings():
            n += 1
            with self.subTest(name=name):
                if max(t for w in want for _, t in w["samples"]) > now_ms() + 600000:
                    self.skipTest("this machine's clock is before the recording")
                for _ in range(2):  # the same again is as good
                    status, fields, body = post(self.d, block, headers)
                    self.assertEqual((status, body), (204, b""))
                    self.assertEqual(fields[WRITTEN], str(sum(len(w["samples"]) for w in want)))
        self.assertEqual(n, 4)

    def test_both_protocols(self):
        up, t = [("job", "a"), ("__name__", "up")], now_ms()
        self.write(204, encode.request_1([(up, [(1.0, t), (encode.STALE, t + 1)])]), written=2)
        request = encode.Request2().add(up, [(1.0, t + 2, t)], 2).add(up, [(encode.NAN, t + 3)], packed=False)
        self.write(204, request.bytes(), TWO, 2)
        self.write(204, b"", written=0)
        self.write(204, b"", TWO, 0)

    def test_what_is_wrong_is_told_and_the_rest_written(self):
        t, good = now_ms(), [("__name__", "good")]
        bad = [
            [("__name__", "b"), ("x", "1"), ("x", "2")],
            [("__name__", "b"), ("", "1")],
            [("__name__", "b"), ("x", b"\xff")],
            [("x", "1")],
        ]
        for labels in bad:
            with self.subTest(labels=labels):
                message = encode.request_1([(good, [(1.0, t)]), (labels, [(1.0, t)])])
                problem = json.loads(self.write(400, message, written=1))
                self.assertEqual((problem["written"], problem["refused"][0]["count"]), (1, 1))
        for time_ms in (2**63 - 1, -(2**63), t + 3600000, 0):
            with self.subTest(time_ms=time_ms):
                self.write(400, encode.request_1([(good, [(1.0, t), (2.0, time_ms), (3.0, t + 1)])]), written=2)
        self.write(204, encode.request_1([(good, [(4.0, t + 2)])]), written=1)  # nothing is poisoned
        histogram = encode.text(3, encode.histogram(t))
        request = encode.Request2().add(good, [(1.0, t + 3)], extra=histogram)
        status, fields, _ = post(self.d, encode.snappy(request.bytes()), TWO)
        self.assertEqual((status, fields["X-Prometheus-Remote-Write-Histograms-Written"]), (400, "0"))
        self.assertEqual(fields[WRITTEN], "1")
        for refs in ([1, 2, 3], [1, 99]):
            request = encode.Request2().add(good, [(1.0, t + 4)]).add(good, [(1.0, t)], refs=refs)
            self.write(400, request.bytes(), TWO, 1)

    def test_other_types_and_encodings_are_415(self):
        message = encode.snappy(encode.request_1([([("__name__", "x")], [(1.0, now_ms())])]))
        other = [
            {**ONE, "Content-Type": "application/json"},
            {**ONE, "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v9.Request"},
            {**ONE, "Content-Encoding": "gzip"},
            {**ONE, "Content-Encoding": "zstd"},
        ]
        for headers in other:
            with self.subTest(headers=headers):
                self.assertEqual(post(self.d, message, headers)[0], 415)

    def test_claims_cost_nothing(self):
        post(self.d, b"\x05", ONE)
        before = self.memory_kb()
        for block, status in ((b"\xff\xff\xff\xff\x0f\x00a", 400), (zeros(64 * MIB), 413), (b"", 400)):
            began = self.cpu_seconds()
            got, fields, body = post(self.d, block, ONE)
            took = self.cpu_seconds() - began
            self.assertEqual(got, status, body)
            self.assertEqual(fields[WRITTEN], "0")
            self.assertLess(took, 0.5 if len(block) < 100 else 4)
        # The body of three megabytes may stay with the allocator, what it claims never comes.
        self.assertLess(self.memory_kb() - before, 16 * 1024)

    def test_cut_anywhere_it_is_never_5xx(self):
        t = now_ms()
        message = encode.request_1([([("__name__", f"m{i}"), ("a", "b" * i)], [(1.0, t)]) for i in range(9)])
        block = encode.snappy(message)
        for n in range(len(block)):
            self.assertEqual(post(self.d, block[:n], ONE)[0], 400)
        for n in range(0, len(message), 3):
            self.assertIn(post(self.d, encode.snappy(message[:n]), ONE)[0], (204, 400))
        self.assertTrue(self.d.is_ready())


class Raw(unittest.TestCase):
    """Under a raw mapping what was recorded comes out again: every series, bit for bit, once."""

    def setUp(self):
        self.config = tempfile.NamedTemporaryFile("w", suffix=".yml", encoding="utf-8")
        self.addCleanup(self.config.close)
        self.config.write("mapping:\n  - match: ['{__name__=~\".+\"}']\n    raw: true\n")
        self.config.flush()

    def exported(self, d):
        status, body = d.request("GET", "/api/v1/series/export")
        self.assertEqual(status, 200)
        out = {}
        for line in body.splitlines():
            row = json.loads(line)
            points = out.setdefault(tuple(sorted(row["labels"].items())), [])
            points += [(p[0], p[2] if len(p) > 2 else struct.pack(">d", float(p[1])).hex()) for p in row["points"]]
        return out

    def test_recorded_requests_come_out_again(self):
        want = {}
        with daemon("--config.file=" + self.config.name, "--storage.retention.raw=3650d") as d:
            for name, block, headers, series in recordings():
                if max(t for w in series for _, t in w["samples"]) > now_ms() + 600000:
                    self.skipTest("this machine's clock is before the recording")
                for _ in range(2):
                    self.assertEqual(post(d, block, headers)[0], 204, name)
                for w in series:
                    points = want.setdefault(tuple(sorted(w["labels"].items())), [])
                    points += [(t, bits(v)) for v, t in w["samples"]]
            self.assertGreater(len(want), 900)
            self.assertEqual(self.exported(d), {k: sorted(v) for k, v in want.items()})

    def test_special_values_come_out_again(self):
        t = now_ms() - 1000
        values = [encode.STALE, encode.NAN, struct.pack("<d", -0.0), struct.pack("<d", float("-inf")), struct.pack("<d", 5e-324)]
        message = encode.request_1([([("__name__", "odd"), ("ключ", "значение\n\"")], [(v, t + i) for i, v in enumerate(values)])])
        with daemon("--config.file=" + self.config.name) as d:
            self.assertEqual(post(d, encode.snappy(message), ONE)[0], 204)
            want = [(t + i, v[::-1].hex()) for i, v in enumerate(values)]
            self.assertEqual(list(self.exported(d).values()), [want])


if __name__ == "__main__":
    unittest.main()
