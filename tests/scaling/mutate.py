#!/usr/bin/env python3
"""Mutation testing of the guards: every wrong comparison or constant must fail a test.

usage: tests/scaling/mutate.py BUILDDIR [--list] [--all] [FILE...]

FILEs are names in src/scaling (guards.c and rates.c).  Each comparison, junction, constant, sign,
LL_MIN/LL_MAX and negation of them is changed alone, the file is compiled with the flags that
BUILDDIR has for it, linked before the library, and the unit tests of the decision run until one
fails.  Prints the mutants that survive; exit 1 when fewer than 95 % were killed, or with --all
when any survived.  One that changes nothing anybody can see carries its reason in SAME.
"""

import concurrent.futures
import json
import os
import re
import shlex
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
sys.path.insert(0, os.path.join(ROOT, 'tools'))
import csource  # noqa: E402

FILES = ('guards.c', 'rates.c')
TESTS = ('scaling_guards', 'scaling_groups', 'scaling_rates', 'scaling_proposals',
         'scaling_decide', 'scaling_edges', 'scaling_property')
FLOOR_PCT = 95.0
SECONDS = 120  # a mutant that runs longer does not end: killed

FLIPS = [
    (re.compile(r'(?<![<>=!\-])<(?![<=])'), ('<=', '>=')),
    (re.compile(r'(?<!<)<='), ('<', '>')),
    (re.compile(r'(?<![<>=\-])>(?![>=])'), ('>=', '<=')),
    (re.compile(r'(?<![>\-])>='), ('>', '<')),
    (re.compile(r'=='), ('!=',)),
    (re.compile(r'!='), ('==',)),
    (re.compile(r'&&'), ('||',)),
    (re.compile(r'\|\|'), ('&&',)),
    (re.compile(r'(?<=[\w\])]) \+ (?=[\w(])'), (' - ',)),
    (re.compile(r'(?<=[\w\])]) - (?=[\w(])'), (' + ',)),
    (re.compile(r' / '), (' * ',)),
    (re.compile(r'\bLL_MAX\b'), ('LL_MIN',)),
    (re.compile(r'\bLL_MIN\b'), ('LL_MAX',)),
    (re.compile(r'!(?=[\w(])'), ('',)),
    (re.compile(r'\btrue\b'), ('false',)),
    (re.compile(r'\bfalse\b'), ('true',)),
    (re.compile(r'\bfloor\b|\btrunc\b'), ('ceil',)),
    (re.compile(r'\bceil\b'), ('floor',)),
    (re.compile(r'\bLL_MINUTE\b|\bLL_SECOND\b|\bLL_SCALING_FIGHT_SPAN\b'),
     ('({} / 2)', '(2 * {})')),
    (re.compile(r'\bLL_SCALING_FIGHT\b'), ('({} - 1)', '({} + 1)')),
    (re.compile(r'(?<![\w.%"])\d+(?![\w.])'), ('({} + 1)', '({} - 1)')),
]

# (file, line as it stands, what was changed into what): why no test can see it.
ONE_LEAVES = 'a share moves one unit at least, so the policy of one unit only says so'
SAME = {
    ('rates.c', '{LL_RATE_UNITS, 1, 5 * LL_MINUTE}},', 'LL_MINUTE -> (2 * LL_MINUTE)'): ONE_LEAVES,
    ('rates.c', '{LL_RATE_UNITS, 1, 5 * LL_MINUTE}},', '1 -> (1 - 1)'): ONE_LEAVES,
    ('rates.c', '{LL_RATE_UNITS, 1, 5 * LL_MINUTE}},', '5 -> (5 + 1)'): ONE_LEAVES,
    ('rates.c', '.n = 2};', '2 -> (2 - 1)'): ONE_LEAVES,
    ('rates.c', '.n = 2};', '2 -> (2 + 1)'): 'a policy of 0 units allows what there is',
}


def mutants(path):
    """(line, what, text of the whole file) of each."""
    text = csource.read(ROOT, path)
    code = csource.blank_directives(csource.blank(text))
    for pattern, replacements in FLIPS:
        for m in pattern.finditer(code):
            for r in replacements:
                new = r.format(m.group(0))
                line = csource.line_of(code, m.start())
                yield line, f'{m.group(0).strip()} -> {new.strip() or "nothing"}', \
                    text[:m.start()] + new + text[m.end():]


def same(name, path, line, what):
    stands = csource.read(ROOT, path).split('\n')[line - 1].strip()
    return SAME.get((name, stands, what))


class Bench:
    """Compiles one file as BUILDDIR does and links the tests with it."""

    def __init__(self, build, name):
        with open(os.path.join(build, 'compile_commands.json'), encoding='utf-8') as f:
            commands = {e['output']: e for e in json.load(f)}
        self.build, self.name = build, name
        own = commands[f'src/libloadline.a.p/scaling_{name}.o']
        words = shlex.split(own['command'])
        drop = {'-Werror', '-MD'}
        skip = {'-MQ', '-MF', '-o', '-c'}
        self.compile, passing = [], False
        for w in words:
            if passing:
                passing = False
            elif w in skip:
                passing = True
            elif w not in drop:
                self.compile.append(w)
        self.compile += ['-w', '-O1']

    def objects(self, test):
        folder = os.path.join('tests/unit', test + '_test.p')
        return sorted(os.path.join(folder, f) for f in os.listdir(os.path.join(self.build, folder))
                      if f.endswith('.o'))

    def run(self, text):
        """None when it does not compile, else the name of the test that failed, or ''."""
        with tempfile.TemporaryDirectory() as where:
            source = os.path.join(where, self.name)
            obj = source[:-1] + 'o'
            with open(source, 'w', encoding='utf-8') as f:
                f.write(text)
            if self.quiet(self.compile + ['-c', source, '-o', obj]):
                return None
            for test in TESTS:
                program = os.path.join(where, test)
                if self.quiet(['cc', *self.flags(), '-o', program, *self.objects(test), obj,
                               'src/libloadline.a',
                               '-Wl,--wrap=malloc', '-Wl,--wrap=calloc', '-Wl,--wrap=realloc',
                               '-lcheck', '-lsubunit', '-lrt', '-lpcre2-8', '-lm', '-lpthread']):
                    sys.exit(f'{test} does not link with a changed {self.name}')
                if self.fails(program):
                    return test
        return ''

    def flags(self):
        return [w for w in self.compile if w.startswith(('-fsanitize', '--coverage'))]

    def quiet(self, command):
        return subprocess.run(command, cwd=self.build, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, check=False).returncode

    def fails(self, program):
        env = dict(os.environ, CK_FORK='no', LL_TRACES='1500')
        try:
            return subprocess.run([program], cwd=self.build, env=env, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, timeout=SECONDS,
                                  check=False).returncode != 0
        except subprocess.TimeoutExpired:
            return True


def judge(build, name):
    """(killed, survivors, not a program, known to be the same) of one file."""
    path = f'src/scaling/{name}'
    bench = Bench(build, name)
    if bench.run(csource.read(ROOT, path)):
        sys.exit(f'the tests fail with {path} as it stands')
    todo = list(mutants(path))
    killed, alive, broken, known = 0, [], 0, 0
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (line, what, _), by in zip(todo, pool.map(lambda t: bench.run(t[2]), todo)):
            if by is None:
                broken += 1
            elif by:
                killed += 1
            elif same(name, path, line, what):
                known += 1
            else:
                alive.append((line, what))
    return killed, alive, broken, known


def main(args):
    flags = {a for a in args if a.startswith('--')}
    names = [a for a in args if not a.startswith('--')]
    if not names or flags - {'--list', '--all'}:
        print(__doc__.strip())
        return 2
    build, files = names[0], names[1:] or FILES
    if '--list' in flags:
        for name in files:
            for line, what, _ in mutants(f'src/scaling/{name}'):
                print(f'src/scaling/{name}:{line}: {what}')
        return 0
    killed = alive = 0
    for name in files:
        dead, left, broken, known = judge(build, name)
        for line, what in left:
            text = csource.read(ROOT, f'src/scaling/{name}').split('\n')[line - 1].strip()
            print(f'src/scaling/{name}:{line}: {what} survives: {text}')
        print(f'{name}: {dead} killed, {len(left)} survive, {known} change nothing that can be '
              f'seen, {broken} do not compile', flush=True)
        killed, alive = killed + dead, alive + len(left)
    pct = 100.0 * killed / max(killed + alive, 1)
    print(f'{killed} passed, {alive} failed ({pct:.1f} % of the mutants were killed)')
    return 1 if pct < FLOOR_PCT or ('--all' in flags and alive) else 0


if __name__ == '__main__':
    sys.exit(main(sys.argv[1:]))
