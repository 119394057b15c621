#!/bin/bash
# together: yes
# The house is in order: each folder includes lower floors only, the cores touch nothing outside.
# And these rules do find what breaks them.
. "$(dirname "$0")/../cli/lib.sh"
. "$(dirname "$0")/rules.sh"

# holds SENTENCE RULE WHERE: the rule finds nothing there.
holds()
{
    local found
    found=$("$2" "$3")
    if [ -z "$found" ]; then
        pass "$1"
    else
        fail "$1" "$found"
    fi
}

# catches RULE FILE LINE: with LINE planted as FILE in an otherwise empty tree the rule finds it.
catches()
{
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree/tests" "$scratch/tree/$(dirname "$2")"
    printf '%b\n' "$3" >"$scratch/tree/$2"
    if [ -n "$("$1" "$scratch/tree")" ]; then
        pass "$1 catches $3 in $2"
    else
        fail "$1 catches $3 in $2"
    fi
}

# allows RULE FILE LINE: it finds nothing wrong with that.
allows()
{
    rm -rf "$scratch/tree"
    mkdir -p "$scratch/tree/tests" "$scratch/tree/$(dirname "$2")"
    printf '%b\n' "$3" >"$scratch/tree/$2"
    holds "$1 allows $3 in $2" "$1" "$scratch/tree"
}

holds "includes go down" house_floors "$root"
holds "each .c includes its own header first" house_own_header "$root"
holds "no file is too long to read" house_length "$root"
holds "the cores know no clock, socket, thread or chance" house_cores "$root"
holds "no test sleeps" house_sleeps "$root"
holds "structs are called struct" house_typedefs "$root"
holds "nothing is left for later" house_promises "$root"
holds "the cores have no state of their own" house_state "$build"

catches house_floors src/base/heap.c '#include "protocol/wire.h"'
catches house_floors src/client/client.c '#include "broker/broker.h"'
catches house_floors src/broker/broker.h '#include "scenario/scenario.h"'
catches house_floors src/server/server.c ' # include "../sim/world/real.h"'
catches house_floors sim/scenario/parse.c '#include "trace/record.h"'
catches house_floors sim/trace/buffer.c '#include "scenario/scenario.h"'
catches house_floors sim/shim/link.c '#include "verdict/verdict.h"'
catches house_floors sim/verdict/verdict.c '#include "shim/link.h"'
catches house_floors sim/report/text.c '#include "world/run.h"'
catches house_floors sim/world/run.c '#include "report/report.h"'
catches house_floors sim/world/run.c '#include "cli/options.h"'
catches house_floors sim/world/run.c '#include "run.h"'
catches house_floors src/extra/extra.c 'int extra;'
allows house_floors sim/scenario/parse.c '#include "client/client.h"\n#include "broker/broker.h"'
allows house_floors sim/shim/link.c '#include "shim/link.h"\n#include "trace/record.h"'
allows house_floors sim/simrun.c '#include "cli/options.h"\n#include "world/run.h"'

catches house_cores src/base/time.c 'x = clock_gettime(CLOCK_MONOTONIC, &now);'
catches house_cores src/base/prng.c 'return rand();'
catches house_cores src/client/client.c 'printf("%d", 1);'
catches house_cores src/broker/broker.c '/* so */ sendto(fd, bytes, size, 0, to, sizeof to);'
catches house_cores src/broker/broker.c '#include <stdio.h>'
allows house_cores src/client/client.c '/* rand() and\n printf() are\n not used */ int a; // time(NULL)'
allows house_cores src/client/client.c 'client_send(client); name = "printf(x)";'

catches house_sleeps tests/base/test_heap.c 'usleep(1000);'
catches house_sleeps tests/cli/test_run.sh 'start it; sleep 1'
allows house_sleeps tests/base/test_heap.c '/* no sleep(1) here */'
catches house_typedefs src/base/heap.h 'typedef struct heap heap_t;'
catches house_promises sim/world/run.c '/* TODO: later */'
catches house_length src/base/heap.c "$(printf '\\n%.0s' {1..601})"
allows house_length src/base/heap_tables.h "$(printf '\\n%.0s' {1..601})"

rm -rf "$scratch/tree"
mkdir -p "$scratch/tree/src/base"
printf '#include <stdint.h>\n#include "base/heap.h"\n' >"$scratch/tree/src/base/heap.c"
: >"$scratch/tree/src/base/heap.h"
expect "an own header that comes second is caught" "$(house_own_header "$scratch/tree")" != ""

printf 'int counter = 1;\nstatic int calls;\nint call(void) { return ++calls; }\n' >"$scratch/state.c"
if cc -c "$scratch/state.c" -o "$scratch/state.o" && ar rc "$scratch/libbase.a" "$scratch/state.o"; then
    expect "state at file level is caught" "$(house_state "$scratch" | wc -l)" = 2
fi

finish house/house
