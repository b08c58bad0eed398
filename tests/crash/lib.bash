# Shared by the crash tests.  BUILD is the build folder (default: build).
# A test prints one line of figures at the end and exits 0, 1 = failed, 77 = cannot run here.
set -u
BUILD=${BUILD:-build}
LOAD=$BUILD/tests/crash/writer_load
VERIFY=$BUILD/tests/crash/store_verify
WORK=$(mktemp -d "${TMPDIR:-/tmp}/loadline-crash-XXXXXX")
CHILD=
CLEANUP=:

cleanup() {
    [ -z "$CHILD" ] || kill -9 "$CHILD" 2>/dev/null
    $CLEANUP
    rm -rf "$WORK"
}
trap cleanup EXIT
trap 'exit 1' INT TERM

skip() {
    echo "skipped: $*"
    exit 77
}

die() {
    echo "FAILED: $*"
    exit 1
}

need() {
    for tool; do
        command -v "$tool" >/dev/null || skip "$tool is not installed"
    done
}

# field NAME LINE: the value of NAME=value
field() {
    sed -n "s/.*\b$1=\([^ ]*\).*/\1/p" <<<"$2" | tail -n 1
}

# wait_for SECONDS COMMAND...: until it succeeds
wait_for() {
    local end=$((SECONDS + $1))
    shift
    until "$@"; do
        [ "$SECONDS" -lt "$end" ] || return 1
        sleep 0.05
    done
}

[ -x "$LOAD" ] && [ -x "$VERIFY" ] || die "$LOAD is not built"
