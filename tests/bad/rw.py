"""A small encoder of remote-write 1.0, independent of the daemon: protobuf and snappy by hand."""
import http.client
import struct

HEADERS = {
    "Content-Type": "application/x-protobuf",
    "Content-Encoding": "snappy",
    "X-Prometheus-Remote-Write-Version": "0.1.0",
}
STALE = struct.pack("<Q", 0x7FF0000000000002)


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def field(number, data):
    return varint(number << 3 | 2) + varint(len(data)) + data


def message(series):
    """series: [({label: value}, [(value or 8 bytes, ms)])]"""
    out = []
    for labels, samples in series:
        pairs = b"".join(
            field(1, field(1, k.encode()) + field(2, v.encode())) for k, v in sorted(labels.items())
        )
        points = b"".join(
            field(2, b"\x09" + (v if isinstance(v, bytes) else struct.pack("<d", v)) + b"\x10" + varint(t))
            for v, t in samples
        )
        out.append(field(1, pairs + points))
    return b"".join(out)


def snappy(data):
    """Literals only: valid, if not small."""
    out = bytearray(varint(len(data)))
    for at in range(0, len(data), 60):
        part = data[at : at + 60]
        out.append((len(part) - 1) << 2)
        out += part
    return bytes(out)


def body(series):
    return snappy(message(series))


def post(port, data, headers=None, timeout=600):
    """(status, headers, bytes)"""
    c = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
    try:
        c.request("POST", "/api/v1/write", data, {**HEADERS, **(headers or {})})
        r = c.getresponse()
        return r.status, r.headers, r.read()
    finally:
        c.close()
