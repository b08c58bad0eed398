#!/usr/bin/env python3
"""What every executor does alike, and what each does alone."""
import sys
import unittest

if __name__ == "__main__":
    sys.exit(unittest.main())
