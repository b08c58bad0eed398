"""top on a real pseudo-terminal."""
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

import support
from support import BIN, daemon


class Screen:
    def __init__(self, *args, rows=24, columns=80, env=None):
        try:
            self.master, slave = pty.openpty()
        except OSError as e:  # a bare chroot has no /dev/pts
            raise unittest.SkipTest(f"no pseudo-terminal: {e}") from e
        self.resize(rows, columns)
        self.before = termios.tcgetattr(slave)
        self.slave = slave
        self.process = subprocess.Popen(
            [BIN, *args],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=support.environment({**support.UTF8, **(env or {})}),
            start_new_session=True,
        )
        self.text = self.all = ""

    def resize(self, rows, columns):
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def read(self, seconds=0.2):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            if select.select([self.master], [], [], 0.05)[0]:
                piece = os.read(self.master, 65536).decode("utf-8", "replace")
                self.text += piece
                self.all += piece
        return self.text

    def wait_for(self, pattern, seconds=150):
        end = time.monotonic() + seconds
        while not re.search(pattern, self.read(0.1)):
            if time.monotonic() > end:
                raise AssertionError(f"{pattern} not seen in {self.text[-2000:]!r}")

    def frame(self):
        """The last whole frame, without its colours."""
        frames = self.text.split("\x1b[H")
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", frames[-1]).split("\r\n")

    def close(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        os.close(self.master)
        os.close(self.slave)


class Top(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scope = daemon("--check-interval-seconds=1")
        cls.d = cls.scope.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.scope.__exit__(None, None, None)

    def open(self, *args, **kw):
        s = Screen("top", "--server", self.d.url, *args, **kw)
        self.addCleanup(s.close)
        return s

    def check_restored(self, s):
        self.assertEqual(s.process.wait(120), 0)
        s.read()
        self.assertIn("\x1b[?1049h", s.all)
        self.assertTrue(s.text.rstrip("\r\n").endswith("\x1b[?25h\x1b[?1049l"), s.text[-80:])
        self.assertEqual(termios.tcgetattr(s.slave), s.before)

    def test_q_ends_and_gives_the_terminal_back(self):
        s = self.open()
        s.wait_for("Memory")
        self.assertLessEqual(max(map(len, s.frame())), 80)
        os.write(s.master, b"q")
        self.check_restored(s)

    def test_signals_give_the_terminal_back(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number=number):
                s = self.open()
                s.wait_for("Memory")
                s.process.send_signal(number)
                self.check_restored(s)

    def test_it_follows_a_resize_and_new_data(self):
        s = self.open("--interval", "300ms")
        s.wait_for("Memory")
        s.text = ""
        s.resize(12, 50)
        s.process.send_signal(signal.SIGWINCH)
        s.wait_for(r"\x1b\[12;1H")
        self.assertLessEqual(max(map(len, s.frame())), 50)
        self.assertLessEqual(len(s.frame()), 12)
        s.text = ""
        s.wait_for(r"(?s)\x1b\[H.*\x1b\[H")
        os.write(s.master, b"q")
        self.check_restored(s)

    def test_the_daemon_may_go_and_come(self):
        with daemon() as other:
            s = Screen("top", "--server", other.url, "-i", "200ms")
            self.addCleanup(s.close)
            s.wait_for("Memory")
            other.stop()
            s.wait_for("no daemon answers")
            self.assertIsNone(s.process.poll())
            s.text = ""
            other.start()
            s.wait_for(r"(?s)\x1b\[H(?:(?!no daemon).)*q quit")
            os.write(s.master, b"q")
            self.check_restored(s)

    def test_without_a_daemon_it_says_so_and_leaves_the_screen_alone(self):
        s = Screen("top", "--server", f"http://127.0.0.1:{support.free_port()}")
        self.addCleanup(s.close)
        self.assertEqual(s.process.wait(120), 5)
        s.read()
        self.assertIn("no daemon answers", s.text.split("\x1b[?1049l")[-1])


if __name__ == "__main__":
    unittest.main()
