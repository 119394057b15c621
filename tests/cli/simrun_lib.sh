# What the tests of simrun share, beside lib.sh. A script sources this file instead of lib.sh.
. "$(dirname "${BASH_SOURCE[0]}")/lib.sh"
peers=$build/tests/peers
simrun=$build/simrun
report=$scratch/report.json # where a script has simrun write its latest report

# Sanitizers take time and memory: yes or no.
sanitized=no
! grep -qE '^CMAKE_C_FLAGS:.*-fsanitize' "$build/CMakeCache.txt" || sanitized=yes

# json PATH [FILE]: what stands there in the report, a value a line.
json()
{
    "$peers/simrun_json" "${2:-$report}" "$1"
}

# write NAME: standard input becomes the scenario $scratch/NAME.txt.
write()
{
    cat >"$scratch/$1.txt"
}

# sum: of the numbers on standard input, one a line.
sum()
{
    awk '{ sum += $1 } END { printf "%d\n", sum }'
}

# run_calm WORD...: runs simrun, which must end with status 0, with a report and its events in
# $scratch/events. Where the machine stood still meanwhile, for another program had the processor,
# it is asked again, five times at most. Sets what `run` sets.
run_calm()
{
    local attempt
    for attempt in 1 2 3 4 5; do
        run "$simrun" "$@" --json "$report" --events "$scratch/events"
        [ "$status" != 0 ] && [ "$("$peers/simrun_stall" "$scratch/events")" -ge 3 ] || break
    done 2>"$scratch/stall"
}

# Scenarios are called by their bare names, so that what is printed of them is as long everywhere.
cd "$scratch" || exit 3
