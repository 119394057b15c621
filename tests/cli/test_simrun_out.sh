#!/bin/bash
# together: yes
# --out DIR --keep failed|all: a folder for each run that is worth it, and what is in there.
. "$(dirname "$0")/simrun_lib.sh"

write bad <<'END'
title   "One in five"
world   virtual
network loss 20% delay 1ms 500us
clients 4  timeout 50ms tries 3
  send 10 toupper "hello from {client}, number {n}"
expect "all" answered = 100%
END
sed 's/tries 3/tries 99/' bad.txt >good.txt
files="capture.pcapng events.jsonl page.html run.json story.txt "

# folders DIR: the folders in there, in one line.
folders()
{
    find "$1" -mindepth 1 -maxdepth 1 -type d -printf '%f\n' | sort -V | tr '\n' ' '
}

# files DIR: all files in there.
files()
{
    find "$1" -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort | tr '\n' ' '
}

# ---- runs ---------------------------------------------------------------------------------------

run "$simrun" bad.txt good.txt --out kept/runs --json "$report" --events events.jsonl
expect "the status is that of the runs" "$status" = 1
expect "a run that failed has a folder" "$(folders kept/runs)" = "bad-seed-1 "
expect "with everything that there is to see" "$(files kept/runs/bad-seed-1)" = "$files"
expect "its JSON is that of --json" \
    "$(head -n 1 "$report" | cmp - kept/runs/bad-seed-1/run.json && echo same)" = same
expect "its events are those of --events" \
    "$(head -n "$(wc -l <kept/runs/bad-seed-1/events.jsonl)" events.jsonl |
        cmp - kept/runs/bad-seed-1/events.jsonl && echo same)" = same
story=$(cat kept/runs/bad-seed-1/story.txt)
expect_match "its chart is drawn with lines, wherever it was written" "$story" '● .*begins, |├─'
expect_match "its story names the command" "$story" '^repeat: simrun bad.txt --seed 1$'
expect_match "and the failure" "$story" '^bad.txt:6: FAIL answered = 100%'
losers=$(json 'requests/outcome=timed-out/n' kept/runs/bad-seed-1/run.json | wc -l)
expect_match "has a chart of what failed first" "$story" '^What failed first: c[1-4]/[0-9]+'
expect "and tells why, of five requests at most" "$(grep -cE '^c[1-4]/[0-9]+: timed-out after 3' <<<"$story")" = \
    $((losers < 5 ? losers : 5))
summary=$(cat kept/runs/summary.txt)
expect_match "the summary lists it" "$summary" '^bad-seed-1/$'
expect_match "with its reason" "$summary" '^    status 1: answered = 100% \([0-9]+ of 40; c[1-4]/[0-9]+ timed out\)$'
expect_match "and its command" "$summary" '^    repeat: simrun bad.txt --seed 1$'
expect "and how many there were" "$(tail -n 1 <<<"$summary")" = "Kept: 1 of 2 runs, those that failed."
expect_no_match "names no path of this machine" "$summary$story" "$scratch"

run "$simrun" good.txt --out kept/none
expect "of runs that passed there is but a summary" "$(files kept/none)$(folders kept/none)" = "summary.txt "
expect "which says so" "$(cat kept/none/summary.txt)" = "Kept: 0 of 1 runs, those that failed."
run "$simrun" good.txt --out kept/all --keep all
expect "--keep all keeps those, too" "$(folders kept/all)" = "good-seed-1 "
expect_match "and says that all held" "$(cat kept/all/summary.txt)" '^    status 0: all held$'

echo old >kept/all/good-seed-1/page.html
run "$simrun" good.txt good.txt --out kept/all/ --keep all
expect "an old file is replaced" "$(head -c 9 kept/all/good-seed-1/page.html)" = '<!DOCTYPE'
expect "two runs of the same name have two folders" "$(folders kept/all)" = "good-seed-1 good-seed-1-2 "

# What happened in the real world cannot be repeated: it is kept as it was.
run "$simrun" bad.txt --world real --out kept/real --json "$report"
expect "a real run is kept" "$(files kept/real/bad-seed-1)" = "$files"
expect "as it was" "$(cmp "$report" kept/real/bad-seed-1/run.json && echo same)" = same

# ---- sweeps -------------------------------------------------------------------------------------

run "$simrun" bad.txt --seed 1..40 --max-failures 3 --out kept/sweep --json "$report"
expect "the seeds that failed are kept" "$(folders kept/sweep)" = \
    "$(json 'failures/*/seed' | sed 's/^/bad-seed-/' | tr '\n' ' ')"
seed=$(json failures/0/seed)
expect "with everything that there is to see" "$(files "kept/sweep/bad-seed-$seed")" = "$files"
run "$simrun" bad.txt --seed "$seed" --json "$report"
expect "as their command repeats them" "$(cmp "$report" "kept/sweep/bad-seed-$seed/run.json" && echo same)" = same
expect_match "the summary counts the others, too" "$(tail -n 1 kept/sweep/summary.txt)" \
    '^Kept: 3 of [0-9]+ runs, those that failed\.$'
run "$simrun" good.txt --seed 5..8 --out kept/each --keep all
expect "--keep all keeps every seed" "$(folders kept/each)" = "good-seed-5 good-seed-6 good-seed-7 good-seed-8 "
run "$simrun" good.txt --seed 1..8 --shard 2/4 --out kept/shard --keep all
expect "of a shard its own" "$(folders kept/shard)" = "good-seed-2 good-seed-6 "
run "$simrun" --random --seed 3..4 --out kept/random --keep all
expect "random scenarios, too" "$(folders kept/random)" = "random-seed-3 random-seed-4 "
run "$simrun" --random --seed 4 --json "$report"
expect "each its own" "$(cmp "$report" kept/random/random-seed-4/run.json && echo same)" = same
run "$simrun" bad.txt --vary 'network loss {0%,50%}' --out kept/vary
expect "rows of --vary go by their values" "$(folders kept/vary)" = "bad-50_-seed-1 "
run "$simrun" bad.txt --vary 'network loss {0%,50%}' --seed 1..2 --out kept/vary
expect "rows may be sweeps" "$(folders kept/vary)" = "bad-50_-seed-1 bad-50_-seed-2 "

# ---- what means harm ----------------------------------------------------------------------------

cp bad.txt $'..-<b> \n\xff.txt'
run "$simrun" $'..-<b> \n\xff.txt' --out kept/harm
expect "a folder's name is plain" "$(folders kept/harm)" = "_.-_b____-seed-1 "
expect "the summary has no more lines than it should" "$(wc -l <kept/harm/summary.txt)" = 5
run "$simrun" - --out kept/stdin <bad.txt
expect "standard input has a name, too" "$(folders kept/stdin)" = "stdin-seed-1 "

# ---- what cannot be -----------------------------------------------------------------------------

# refused STATUS SENTENCE PATTERN ARGUMENT...: ends so before anything runs, and says why.
refused()
{
    local wanted=$1 sentence=$2 pattern=$3
    shift 3
    run "$simrun" "$@"
    expect "$sentence: status" "$status" = "$wanted"
    expect_match "$sentence: reason" "$err" "$pattern"
    expect "$sentence: nothing ran" "$out" = ""
}
refused 3 "a file is no folder" 'bad.txt: Not a directory$' bad.txt --out bad.txt
refused 3 "nor is what lies in one" 'Not a directory$' bad.txt --out bad.txt/out
refused 3 "nothing has no name" 'cannot write' bad.txt --out ''
refused 2 "more than can be looked at" 'give fewer seeds, or --keep failed' \
    good.txt --seed 1..1001 --out kept/many --keep all
refused 2 "--keep without --out" 'give that too' bad.txt --keep all
refused 2 "--keep what" 'failed or all' bad.txt --out kept/x --keep some
refused 2 "searches" 'leave out --verify, --explore and --shrink' bad.txt --out kept/x --shrink s.txt
refused 2 "no trace" '--trace off' bad.txt --out kept/x --world real --trace off
mkdir -p kept/blocked/bad-seed-1
ln -s /dev/full kept/blocked/bad-seed-1/run.json
run "$simrun" bad.txt --out kept/blocked -q
expect "what cannot be written ends with 3" "$status" = 3
expect_match "and says so" "$err" 'kept/blocked/bad-seed-1/run.json: No space left on device$'

finish cli/simrun_out
