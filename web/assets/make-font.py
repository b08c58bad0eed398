#!/usr/bin/python3
"""Cuts the dashboard's font: make-font.py INTER_LATIN_WGHT_NORMAL.woff2 inter.woff2

The source is files/inter-latin-wght-normal.woff2 of the npm package
@fontsource-variable/inter 5.3.0.  Kept are the glyphs the page prints, weights 400
to 650, kerning, and tabular forms of the digits only: a tabular hyphen would tear
service names apart.  Needs the Debian packages fonttools and python3-brotli.
"""
import subprocess
import sys

from fontTools.ttLib import TTFont
from fontTools.varLib import instancer

KEPT = "".join(map(chr, range(0x20, 0x7F))) + (
    "\u00a0\u00b1\u00b5\u00b7\u00d7\u2009\u2013\u2014\u2019\u2026\u202f\u2191\u2193\u2212")


def only_digits_are_tabular(font):
    digits = {font.getBestCmap()[ord(c)] for c in "0123456789"}
    gsub = font["GSUB"].table
    for record in gsub.FeatureList.FeatureRecord:
        if record.FeatureTag != "tnum":
            continue
        for index in record.Feature.LookupListIndex:
            for subtable in gsub.LookupList.Lookup[index].SubTable:
                subtable = getattr(subtable, "ExtSubTable", subtable)
                subtable.mapping = {a: b for a, b in subtable.mapping.items() if a in digits}


def narrow_no_break_space(font):
    """U+202F between a number and its unit: drawn as the thin space, which breaks lines."""
    for table in font["cmap"].tables:
        if 0x2009 in table.cmap:
            table.cmap[0x202F] = table.cmap[0x2009]


def main(source, out):
    font = TTFont(source)
    instancer.instantiateVariableFont(font, {"wght": (400, 650)}, inplace=True)
    only_digits_are_tabular(font)
    narrow_no_break_space(font)
    font.save(out + ".tmp.ttf")
    subprocess.run(["pyftsubset", out + ".tmp.ttf", "--text=" + KEPT, "--flavor=woff2",
                    "--layout-features=kern,mark,tnum", "--no-hinting", "--desubroutinize",
                    "--name-IDs=0,1,2,13,14", "--output-file=" + out], check=True)
    subprocess.run(["rm", out + ".tmp.ttf"], check=True)


main(sys.argv[1], sys.argv[2])
