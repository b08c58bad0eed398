"""What tools/floors and tools/style both need to know about C text.

No parser: clang-format has already laid the code out, so a lexer that blanks comments,
literals and preprocessor lines, and brace counting, see enough.  Line numbers never move.
"""

import os
import re

_TOKEN = re.compile(
    r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.S)
_DIRECTIVE = re.compile(r'^[ \t]*#(?:[^\n\\]|\\.|\\\n)*', re.M | re.S)
_SKIP = re.compile(r'^(node_modules|build.*|dist|out|\.git|\.cache|__pycache__)$')
_NOT_A_NAME = {'__attribute__', '__typeof__', '_Alignas', 'sizeof', 'if', 'for', 'while', 'switch'}


def _spaces(match):
    text = match.group(0)
    edge = text[0] if text[0] in '"\'' else ' '
    return edge + re.sub(r'[^\n]', ' ', text[1:-1]) + edge


def blank(text):
    """Comments and the inside of literals become spaces."""
    return _TOKEN.sub(_spaces, text)


def blank_directives(code):
    """Preprocessor lines, continued ones too, become spaces; takes blanked text."""
    return _DIRECTIVE.sub(lambda m: re.sub(r'[^\n]', ' ', m.group(0)), code)


def line_of(text, offset):
    return text.count('\n', 0, offset) + 1


def walk(root, tops, suffixes):
    """Files below the given folders, sorted, as paths relative to root."""
    found = []
    for top in tops:
        for where, dirs, files in os.walk(os.path.join(root, top)):
            dirs[:] = [d for d in dirs if not _SKIP.match(d)]
            found += [os.path.relpath(os.path.join(where, f), root)
                      for f in files if f.endswith(suffixes)]
    return sorted(found)


def read(root, path):
    with open(os.path.join(root, path), encoding='utf-8') as f:
        return f.read()


def function_name(head):
    """Name of the function that a declaration declares, or None."""
    if re.search(r'\(\s*\*', head.split(')')[0]):
        return None  # a function pointer
    macro = None
    for m in re.finditer(r'(\w+)\s*\(', head):
        if m.group(1) in _NOT_A_NAME:
            continue
        if not m.group(1).isupper():
            return m.group(1)
        macro = macro or m
    inner = re.match(r'\w+', head[macro.end():].lstrip()) if macro else None
    return inner.group(0) if inner else None  # START_TEST(name)


class Chunk:
    """A function definition or a declaration at file level."""

    def __init__(self, head, first, last, body, body_line):
        self.head, self.first, self.last = head, first, last
        self.body, self.body_line = body, body_line  # None for a declaration
        self.name = function_name(head)

    @property
    def lines(self):
        return self.last - self.first + 1

    @property
    def static(self):
        return re.search(r'\bstatic\b', self.head.split('(')[0]) is not None


def chunks(code):
    """Splits text without comments and directives at file level."""
    depth, start, opened, out = 0, 0, None, []
    for m in re.finditer(r'[{};]', code):
        c, at = m.group(0), m.start()
        if c == '{':
            if depth == 0:
                opened = at
            depth += 1
        elif c == '}':
            depth = max(0, depth - 1)
            head = code[start:opened] if depth == 0 and opened is not None else ''
            if depth == 0 and head.rstrip().endswith(')') and '=' not in head.split('(')[0]:
                out.append(_chunk(code, start, opened, at))
                start = at + 1
        elif depth == 0:
            out.append(_chunk(code, start, at, None))
            start = at + 1
    return out


# LL_AUTO_DEFINE(ll_x, ll_x_free) and its like stand at file level without a semicolon.
_FILE_MACRO = re.compile(r'\s*[A-Z][A-Z0-9_]*\([^()]*\)\s*(?=[A-Za-z_])')


def _chunk(code, start, end, close):
    while (macro := _FILE_MACRO.match(code, start, end)) is not None:
        start = macro.end()
    head = code[start:end]
    first = line_of(code, start + len(head) - len(head.lstrip()))
    last = line_of(code, end if close is None else close)
    body = None if close is None else code[end:close + 1]
    return Chunk(head.strip(), first, last, body, line_of(code, end))
