#!/bin/bash
# What `cmake --install` puts in place: the programs, their pages, the scenarios.
. "$(dirname "$0")/lib.sh"
place=$scratch/place

run cmake --install "$build" --prefix "$place"
expect "it installs" "$status" = 0
for program in simrun merge_sweeps udp_broker udp_toupper udp_tolower udp_client; do
    run "$place/bin/$program" --version
    expect "$program is there and runs" "$status" = 0
    expect "$program has a page" "$(cat "$place/share/man/man1/$program.1")" != ""
    if command -v man >/dev/null; then
        run bash -c "cd '$place/share/man' && man --warnings -E UTF-8 -l -Tutf8 man1/$program.1"
        expect "the page of $program has no mistakes" "$err" = ""
    fi
    # simrun's own help is longer than its page.
    page=$root/tools/man/$program.1
    [ $program != udp_tolower ] || page=$root/tools/man/udp_toupper.1
    for option in $("$build/$program" --help | grep -oE '^  (-[a-z], )?--[a-z-]+' | grep -oE -e '--[a-z-]+'); do
        expect_match "the page of $program tells of $option" "$(cat "$page")" "Fl -${option#--}\b"
    done
done
for scenario in "$root"/scenarios/*.txt; do
    name=$(basename "$scenario")
    expect "$name is installed" "$(cmp "$scenario" "$place/share/simrun/scenarios/$name" 2>&1)" = ""
done
expect "so is Wireshark's dissector" \
    "$(cmp "$root/tools/simrun.lua" "$place/share/simrun/simrun.lua" 2>&1)" = ""
run "$place/bin/simrun" --list
expect "the installed simrun finds its scenarios" "$status" = 0
expect_match "by name" "$out" 'loss10\.txt'

finish cli/standalone_install
