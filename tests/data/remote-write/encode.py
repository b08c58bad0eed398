"""Encodes remote-write requests of both protocols, and their snappy blocks, independently of the
daemon: what tests and benchmarks send.  Decodes blocks too, to look into the recorded ones."""
import struct

STALE = struct.pack("<Q", 0x7FF0000000000002)
NAN = struct.pack("<Q", 0x7FF8000000000001)


def varint(n):
    n &= (1 << 64) - 1
    out = bytearray()
    while n > 127:
        out.append(n & 127 | 128)
        n >>= 7
    out.append(n)
    return bytes(out)


def number(field, n):
    return varint(field << 3) + varint(n)


def text(field, value):
    value = value if isinstance(value, bytes) else value.encode()
    return varint(field << 3 | 2) + varint(len(value)) + value


def double(field, value):
    return varint(field << 3 | 1) + (value if isinstance(value, bytes) else struct.pack("<d", value))


def sample(value, t):
    """A zero is left out, as proto3 does."""
    plain_zero = not isinstance(value, bytes) and struct.pack("<d", value) == bytes(8)
    return (b"" if plain_zero else double(1, value)) + number(2, t)


def series_1(labels, samples, extra=b""):
    pairs = b"".join(text(1, text(1, k) + text(2, v)) for k, v in labels)
    return text(1, pairs + b"".join(text(2, sample(v, t)) for v, t in samples) + extra)


def request_1(series, extra=b""):
    """series: (labels as pairs, samples as (value, ms)) each."""
    return b"".join(series_1(labels, samples) for labels, samples in series) + extra


class Request2:
    """io.prometheus.write.v2.Request, series after series."""

    def __init__(self, symbols=("",)):
        self.symbols = list(symbols)
        self.index = {s: i for i, s in enumerate(self.symbols)}
        self.series = b""

    def ref(self, s):
        if s not in self.index:
            self.index[s] = len(self.symbols)
            self.symbols.append(s)
        return self.index[s]

    def add(self, labels, samples, kind=None, packed=True, refs=None, extra=b""):
        refs = [self.ref(x) for pair in labels for x in pair] if refs is None else refs
        if packed:
            out = text(1, b"".join(map(varint, refs)))
        else:
            out = b"".join(number(1, r) for r in refs)
        for s in samples:
            start = number(3, s[2]) if len(s) > 2 else b""
            out += text(2, sample(s[0], s[1]) + start)
        out += extra
        if kind is not None:
            out += text(5, number(1, kind) + number(3, self.ref("what it is")))
        self.series += text(5, out)
        return self

    def bytes(self):
        return b"".join(text(4, s) for s in self.symbols) + self.series


def histogram(t):
    """A small native histogram with integer counts."""
    spans = text(11, number(1, 0) + number(2, 1)) + text(12, varint(2))
    return number(1, 1) + double(3, 1.0) + number(4, 0) + double(5, 1e-128) + number(6, 0) + spans + number(15, t)


def snappy(data):
    """A block with literals and copies: greedy over a table of four bytes."""
    out, table, at, begun = bytearray(varint(len(data))), {}, 0, 0

    def literal(start, end):
        for i in range(start, end, 65536):
            piece = data[i : min(i + 65536, end)]
            m = len(piece) - 1
            if m < 60:
                out.append(m << 2)
            elif m < 256:
                out.extend((60 << 2, m))
            else:
                out.extend((61 << 2, m & 255, m >> 8))
            out.extend(piece)

    while at + 4 <= len(data):
        key = data[at : at + 4]
        seen = table.get(key)
        table[key] = at
        if seen is None or at - seen >= 65536:
            at += 1
            continue
        n = 4
        while n < 64 and at + n < len(data) and data[seen + n] == data[at + n]:
            n += 1
        literal(begun, at)
        out.extend(((n - 1) << 2 | 2, (at - seen) & 255, (at - seen) >> 8))
        at += n
        begun = at
    literal(begun, len(data))
    return bytes(out)


def unsnappy(block):
    """The bytes of a good block."""
    at = shift = size = 0
    while True:
        b = block[at]
        at += 1
        size |= (b & 127) << shift
        shift += 7
        if b < 128:
            break
    out = bytearray()
    while at < len(block):
        tag = block[at]
        at += 1
        kind, n = tag & 3, (tag >> 2) + 1
        if kind == 0:
            if n > 60:
                more = n - 60
                n = int.from_bytes(block[at : at + more], "little") + 1
                at += more
            out += block[at : at + n]
            at += n
            continue
        if kind == 1:
            n = (tag >> 2 & 7) + 4
        width = (1, 2, 4)[kind - 1]
        offset = int.from_bytes(block[at : at + width], "little") | ((tag >> 5) << 8 if kind == 1 else 0)
        at += width
        for _ in range(n):
            out.append(out[-offset])
    assert len(out) == size
    return bytes(out)
