"""Remote-write to the real daemon: recorded requests, both protocols, bytes that mean harm."""
import http.client
import json
import os
import sys
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


def zeros(n):
    """A block of n zeros: 64 of them in three bytes."""
    return encode.varint(n) + b"\x00\x00" + b"\xfe\x01\x00" * ((n - 1) // 64) + b"\x02\x01\x00" * ((n - 1) % 64)


class Write(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scope = daemon("--storage.retention.raw=3650d")
        cls.d = cls.scope.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.scope.__exit__(None, None, None)

    def post(self, block, headers):
        c = http.client.HTTPConnection("127.0.0.1", self.d.port, timeout=30)
        try:
            c.request("POST", "/api/v1/write", block, headers)
            r = c.getresponse()
            return r.status, r.headers, r.read()
        finally:
            c.close()

    def write(self, status, message, headers=None, written=None):
        got, fields, body = self.post(encode.snappy(message), headers or ONE)
        self.assertEqual(got, status, body)
        if written is not None:
            self.assertEqual(fields[WRITTEN], str(written), body)
        return body

    def memory_kb(self):
        with open(f"/proc/{self.d.process.pid}/status", encoding="utf-8") as f:
            return next(int(line.split()[1]) for line in f if line.startswith("VmRSS:"))

    def test_recorded_requests_are_taken(self):
        names = sorted(f for f in os.listdir(DATA) if f.endswith(".bin"))
        self.assertEqual(len(names), 4)
        for name in names:
            with self.subTest(name=name):
                with open(os.path.join(DATA, name), "rb") as f:
                    block = f.read()
                with open(os.path.join(DATA, name.replace(".bin", ".headers.json")), encoding="utf-8") as f:
                    headers = {k: v for k, v in json.load(f).items() if k not in ("Host", "Content-Length")}
                with open(os.path.join(DATA, name.replace(".bin", ".expected.json")), encoding="utf-8") as f:
                    want = json.load(f)
                if max(t for w in want for _, t in w["samples"]) > now_ms() + 600000:
                    self.skipTest("this machine's clock is before the recording")
                for _ in range(2):  # the same again is as good
                    status, fields, body = self.post(block, headers)
                    self.assertEqual((status, body), (204, b""))
                    self.assertEqual(fields[WRITTEN], str(sum(len(w["samples"]) for w in want)))

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
        status, fields, _ = self.post(encode.snappy(request.bytes()), TWO)
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
                self.assertEqual(self.post(message, headers)[0], 415)

    def test_claims_cost_nothing(self):
        self.post(b"\x05", ONE)
        before = self.memory_kb()
        for block, status in ((b"\xff\xff\xff\xff\x0f\x00a", 400), (zeros(64 * MIB), 413), (b"", 400)):
            began = time.monotonic()
            got, fields, body = self.post(block, ONE)
            took = time.monotonic() - began
            self.assertEqual(got, status, body)
            self.assertEqual(fields[WRITTEN], "0")
            self.assertLess(took, 0.05 if len(block) < 100 else 2)
        # The body of three megabytes may stay with the allocator, what it claims never comes.
        self.assertLess(self.memory_kb() - before, 16 * 1024)

    def test_cut_anywhere_it_is_never_5xx(self):
        t = now_ms()
        message = encode.request_1([([("__name__", f"m{i}"), ("a", "b" * i)], [(1.0, t)]) for i in range(9)])
        block = encode.snappy(message)
        for n in range(len(block)):
            self.assertEqual(self.post(block[:n], ONE)[0], 400)
        for n in range(0, len(message), 3):
            self.assertIn(self.post(encode.snappy(message[:n]), ONE)[0], (204, 400))
        self.assertTrue(self.d.is_ready())


if __name__ == "__main__":
    unittest.main()
