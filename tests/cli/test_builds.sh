#!/bin/bash
# The virtual world is the same, byte for byte, in every build: the events of the scenarios that come
# with simrun, and of fifty random ones. Called with one build, each run is compared with itself;
# with several (tools/check, stage same), those of the others with the first one's:
#
#   tests/cli/test_builds.sh BUILD [OTHER_BUILD...]
. "$(dirname "$0")/lib.sh"

others=()
for other in "${@:2}"; do
    others+=("$(readlink -f "$other")")
done
[ ${#others[@]} -gt 0 ] || others=("$build")

# events BUILD WORD...: the status, the number of bytes and the digest of the events of a run.
events()
{
    local simrun=$1/simrun
    shift
    : >"$scratch/events"
    timeout -k 5 200 "$simrun" "$@" -q --events "$scratch/events" >/dev/null 2>"$scratch/err"
    echo "$? $(wc -c <"$scratch/events") $(sha256sum <"$scratch/events")"
}

# same NAME WORD...: all builds tell the same of this run, and tell something.
same()
{
    local name=$1 first other
    shift
    first=$(events "$build" "$@")
    expect_match "$name has events" "$first" '^[01] [1-9][0-9]{2,} '
    for other in "${others[@]}"; do
        expect "$name: ${build##*/} and ${other##*/} tell the same" "$(events "$other" "$@")" = \
            "$first"
    done
}

for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario" .txt)
    case $name in
    ten_thousand_clients) same "$name, of 1,000" "$scenario" --world virtual --set 'clients 1000' ;;
    *) same "$name" "$scenario" --world virtual ;;
    esac
done
for seed in 0 1 2 18446744073709551615; do
    same "loss10, seed $seed" "$root/scenarios/loss10.txt" --world virtual --seed "$seed"
done
for seed in {1..50}; do
    same "random $seed" --random --seed "$seed"
done

finish cli/builds
