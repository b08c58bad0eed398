#!/usr/bin/env python3
"""The console blocks of a page of the guide: run as they stand, and compared.

usage: guide.py PAGE FOLDER      prints PAGE with the outputs that its commands have now"""
import re
import sys

from support import UTF8, run

BLOCK = re.compile(r"(?s)```console\n(.*?)```")


def commands(text):
    """(line, output as shown) of each command."""
    for block in BLOCK.findall(text):
        for shown in re.split(r"(?m)^\$ ", block)[1:]:
            line, _, output = shown.partition("\n")
            yield line, output


def output_of(line, folder):
    program, *args = line.split()
    if program != "loadline":
        raise ValueError(f"not a command of Loadline: {line}")
    return run(*args, env=UTF8, cwd=folder).stdout


def rewritten(text, folder):
    def block(m):
        lines = [line for line, _ in commands(m.group(0))]
        return "```console\n" + "".join(f"$ {x}\n{output_of(x, folder)}" for x in lines) + "```"

    return BLOCK.sub(block, text)


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as page:
        print(rewritten(page.read(), sys.argv[2]), end="")
