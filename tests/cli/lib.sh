# What the tests of the built programs share. A script of this folder is called with the build
# directory, sources this file, checks, and ends with `finish NAME`:
#
#   . "$(dirname "$0")/lib.sh"
#   run "$build/simrun" --version
#   expect "the version is one line" "$status" = 0
#   finish cli/example
#
# It ends only the processes it started, by number, and waits for what they say instead of sleeping.
# A script with a line `# threads: yes` is run under ThreadSanitizer too; one with `# together: yes`
# beside another, since it keeps no real time.
set -u
unset GITHUB_ACTIONS # or else failures are annotated for it

[ $# -ge 1 ] || { echo "usage: $0 BUILD_DIRECTORY" >&2; exit 2; }
build=$(readlink -f "$1")
root=$(readlink -f "$(dirname "${BASH_SOURCE[0]}")/../..")
scratch=$(mktemp -d)
passed=0
failed=0
started=() # numbers of the processes started and not yet stopped
status=0   # of the latest `run` or `stop`

lib_clean()
{
    local pid
    # A child that a signal meets before it has become its program is still this shell.
    [ "$BASHPID" = "$$" ] || return
    for pid in "${started[@]}"; do
        kill -KILL "$pid" 2>/dev/null
    done
    rm -rf "$scratch"
}
trap lib_clean EXIT

# pass SENTENCE, fail SENTENCE [DETAIL...]: counts one check.
pass()
{
    passed=$((passed + 1))
}
fail()
{
    failed=$((failed + 1))
    printf '%s: FAIL %s\n' "$0" "$1"
    shift
    [ $# -eq 0 ] || printf '    %s\n' "$@"
}

# expect SENTENCE A OP B: one check by `test`, like expect "it ends well" "$status" = 0.
expect()
{
    if [ "$2" "$3" "$4" ]; then
        pass "$1"
    else
        fail "$1" "wanted: $3 '$4'" "found:  '$2'"
    fi
}

# expect_match SENTENCE TEXT PATTERN: TEXT (a variable's or a file's) has a line that matches the
# extended regular expression. expect_no_match: it has none.
expect_match()
{
    if grep -qE -e "$3" <<<"$2"; then
        pass "$1"
    else
        fail "$1" "wanted: $3" "found:  $2"
    fi
}
expect_no_match()
{
    if grep -qE -e "$3" <<<"$2"; then
        fail "$1" "unwanted: $3" "found:    $2"
    else
        pass "$1"
    fi
}

# run COMMAND...: runs it to its end (60 s at most); sets $status, $out and $err.
run()
{
    timeout -k 5 60 "$@" >"$scratch/out" 2>"$scratch/err"
    status=$?
    out=$(tr -d '\0' <"$scratch/out")
    err=$(tr -d '\0' <"$scratch/err")
}

# start NAME COMMAND...: starts it in the background; its output is in $scratch/NAME.out and .err.
# Sets $pid.
start()
{
    local name=$1
    shift
    : >"$scratch/$name.err"
    "$@" >"$scratch/$name.out" 2>"$scratch/$name.err" </dev/null &
    pid=$!
    started+=("$pid")
}

# await NAME PATTERN: waits (20 s at most) until the standard error of NAME has a line that matches
# the extended regular expression, and sets $line to it. Returns 1 if none came, or its writer died.
await()
{
    local file=$scratch/$1.err
    line=$(timeout 20 tail -n +1 -s 0.02 --pid="$pid" -f "$file" 2>/dev/null |
        grep -m 1 -E -e "$2")
    [ -n "$line" ]
}

# serve NAME COMMAND...: starts a stand-alone program on a port of the kernel's choice, and waits
# until it says where it listens. Sets $pid and $port.
serve()
{
    start "$@"
    if ! await "$1" 'listening on '; then
        fail "$1 says where it listens" "$(cat "$scratch/$1.err")"
        port=0
        return 1
    fi
    port=${line##*:}
}

# stop PID [SIGNAL]: sends SIGTERM and waits for the end, which it kills after 20 s; sets $status.
stop()
{
    local one kept=()
    kill -"${2:-TERM}" "$1" 2>/dev/null
    timeout 20 tail --pid="$1" -s 0.02 -f /dev/null || kill -KILL "$1"
    wait "$1"
    status=$?
    for one in "${started[@]}"; do
        [ "$one" = "$1" ] || kept+=("$one")
    done
    started=("${kept[@]}")
}

# finish NAME: prints the line that tools/check adds up, and exits.
finish()
{
    printf '%s: %d passed, %d failed\n' "$1" "$passed" "$failed"
    [ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
    exit
}
