#!/usr/bin/env python3
"""Ports for tests that run beside each other.

usage: ports.py      writes a free port, and keeps it from others until its standard input ends
"""
import random
import socket
import sys

_held = []


def free_port():
    """One that is nobody's, and no other test's until this process ends, not even between the end of
    a daemon and its next start.  The kernel gives connections none of these, it begins above them."""
    for port in random.sample(range(20000, 32000), 500):
        name = socket.socket(socket.AF_UNIX)
        try:
            name.bind(f"\0loadline-test-port-{port}")
            with socket.socket() as s:
                s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                s.bind(("127.0.0.1", port))
        except OSError:
            name.close()
            continue
        _held.append(name)
        return port
    raise RuntimeError("no free port between 20000 and 32000")


if __name__ == "__main__":
    print(free_port(), flush=True)
    sys.stdin.read()
