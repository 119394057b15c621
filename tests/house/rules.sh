# The rules of the house, as functions: each takes the root of a tree and prints a line for each
# place that breaks it. Sourced by test_house.sh, which applies them to this tree, and to trees with
# planted mistakes.

# The floor of each folder: it includes folders on lower floors, and itself.
floors="
0 src/base
1 src/protocol
2 src/client src/server src/broker
3 sim/scenario sim/trace
4 sim/shim sim/verdict
5 sim/report sim/world
6 sim/cli
7 sim
"

# house_files ROOT FOLDER...: the C files below these folders.
house_files()
{
    local root=$1 folder
    shift
    for folder in "$@"; do
        [ ! -d "$root/$folder" ] || find "$root/$folder" -name '*.[ch]' | sort
    done
}

# house_code FILE...: the files' lines as FILE:LINE:CODE, without comments and texts.
house_code()
{
    [ $# -gt 0 ] || return 0
    awk '
        FNR == 1 { inside = 0 }
        {
            code = ""
            line = $0
            while (line != "") {
                if (inside) {
                    if ((at = index(line, "*/")) == 0) { line = ""; break }
                    line = substr(line, at + 2)
                    inside = 0
                } else if (match(line, /"([^"\\]|\\.)*"|\047([^\047\\]|\\.)+\047|\/\*|\/\//)) {
                    code = code substr(line, 1, RSTART - 1)
                    found = substr(line, RSTART, 2)
                    line = substr(line, RSTART + RLENGTH)
                    if (found == "/*") inside = 1
                    else if (found == "//") line = ""
                    else code = code "\"\""
                } else {
                    code = code line
                    line = ""
                }
            }
            if (code ~ /[^ \t]/) print FILENAME ":" FNR ":" code
        }' "$@"
}

# An include that goes up or sideways, or by a path that says no folder.
house_floors()
{
    local root=$1 files
    mapfile -t files < <(house_files "$root" src sim)
    [ ${#files[@]} -gt 0 ] || return 0
    awk -v root="$root/" -v floors="$floors" '
        BEGIN {
            count = split(floors, lines, "\n")
            for (i = 1; i <= count; i++) {
                words = split(lines[i], word, " ")
                for (j = 2; j <= words; j++) {
                    floor_of[word[j]] = word[1]
                    folder = word[j]
                    sub(/.*\//, "", folder)
                    path_of[folder] = word[j]
                }
            }
        }
        FNR == 1 {
            own = substr(FILENAME, length(root) + 1)
            sub(/\/[^\/]*$/, "", own)
            if (!(own in floor_of)) print FILENAME ": the folder " own " has no floor"
        }
        /^[ \t]*#[ \t]*include[ \t]*"/ {
            path = $0
            sub(/^[^"]*"/, "", path)
            sub(/".*/, "", path)
            folder = path
            sub(/\/.*/, "", folder)
            if (path !~ /^[a-z]+\/[a-z0-9_]+\.h$/ || !(folder in path_of)) {
                print FILENAME ":" FNR ": \"" path "\" is not FOLDER/NAME.h"
            } else if (path_of[folder] != own && floor_of[path_of[folder]] >= floor_of[own]) {
                print FILENAME ":" FNR ": " own " (floor " floor_of[own] ") includes " \
                    path_of[folder] " (floor " floor_of[path_of[folder]] ")"
            }
        }' "${files[@]}"
}

# A .c whose first include is not its own header.
house_own_header()
{
    local root=$1 file header first
    while read -r file; do
        header=${file%.c}.h
        [ -f "$header" ] || continue
        header=$(basename "$(dirname "$header")")/$(basename "$header")
        first=$(grep -m 1 '^#include' "$file")
        [ "$first" = "#include \"$header\"" ] || echo "$file: its first include is not $header"
    done < <(house_files "$root" src sim | grep '\.c$')
}

# A file that is too long for one sitting; tables are not read.
house_length()
{
    local file lines
    while read -r file; do
        lines=$(wc -l <"$file")
        [ "$lines" -le 600 ] || echo "$file: $lines lines"
    done < <(house_files "$1" src sim tools tests | grep -vE '_tables?\.h$')
}

# I/O, a clock, a thread or a generator with a state, in the cores.
house_cores()
{
    local files
    mapfile -t files < <(house_files "$1" src)
    house_code "${files[@]}" | grep -E \
        -e '\b(printf|fprintf|vprintf|vfprintf|puts|fputs|putchar|perror|fopen|fwrite|fread)\b *\(' \
        -e '\b(socket|bind|connect|send|sendto|sendmsg|recv|recvfrom|recvmsg|poll|ppoll|read|write|open)\b *\(' \
        -e '\b(time|clock|clock_gettime|gettimeofday|sleep|usleep|nanosleep)\b *\(' \
        -e '\b(rand|srand|random|srandom|drand48|getrandom|rand_r)\b *\(' \
        -e '\b(pthread_[a-z_]+|fork|system)\b *\(' \
        -e '\b(float|double)\b' \
        -e '#include <(time|sys/socket|sys/time|pthread|poll|stdio|unistd|netinet/in|threads)\.h>'
}

# A sleep in a test.
house_sleeps()
{
    local files
    mapfile -t files < <(house_files "$1" tests)
    house_code "${files[@]}" | grep -E '\b(sleep|usleep|nanosleep|clock_nanosleep)\b *\('
    find "$1/tests" -name '*.sh' ! -path '*/house/*' -exec grep -HnE '(^|[;&|({] *| )sleep +[0-9]' {} +
}

# A struct behind a typedef; a switch over an enum is checked by the compiler, this is not.
house_typedefs()
{
    local files
    mapfile -t files < <(house_files "$1" src sim tools)
    house_code "${files[@]}" | grep -E '\btypedef +(struct|enum|union)\b'
}

# Words that promise to do it later.
house_promises()
{
    local folder
    for folder in src sim tools tests scenarios; do
        [ ! -d "$1/$folder" ] ||
            grep -rnwE 'TODO|FIXME|XXX|HACK' "$1/$folder" --include='*.[ch]' --include='*.sh' \
                --include='*.md' --include='*.txt' --exclude-dir=house
    done
}

# house_state BUILD: state at file level in the cores' libraries, as the compiler sees it. Nothing
# under sanitizers, which add their own.
house_state()
{
    local library
    for library in base protocol client server broker; do
        library=$1/lib$library.a
        if [ -f "$library" ] && ! nm "$library" 2>/dev/null | grep -qE '__(asan|tsan|ubsan)'; then
            objdump -t "$library" | awk -v library="$library" \
                '/^[^ ]+\.o: / { file = $1 }
                 / O +\.(t?data|t?bss)(\.[a-zA-Z0-9_]+)?\t/ && !/\.data\.rel\.ro/ {
                     print library " " file " " $NF }'
        fi
    done
}
