# What must be installed, and how it gets there. Sourced by tools/run and tools/check, which say
# what they need and then call needs_install.

needs_missing=""

# needs_command COMMAND PACKAGE: a program of that name.
needs_command()
{
    command -v "$1" >/dev/null 2>&1 || needs_missing="$needs_missing $2"
}

# needs_header HEADER PACKAGE: a header that the C compiler finds.
needs_header()
{
    echo "#include <$1>" | "${CC:-cc}" -E -x c - >/dev/null 2>&1 ||
        needs_missing="$needs_missing $2"
}

# needs_flag COMPILER FLAG PACKAGE: a flag with which the compiler can link a program.
needs_flag()
{
    echo "int main(void) { return 0; }" | "$1" "$2" -x c - -o /dev/null >/dev/null 2>&1 ||
        needs_missing="$needs_missing $3"
}

# needs_wish COMMAND PACKAGE: a program that some distributions do not have: tests that want it say
# that they are left out. It is asked for here and now, and whatever comes of that is well.
needs_wish()
{
    command -v "$1" >/dev/null 2>&1 && return
    command -v apt-get >/dev/null 2>&1 || return 0
    needs_sudo=""
    [ "$(id -u)" = 0 ] || needs_sudo="sudo -n"
    needs_log=$(mktemp)
    echo "installing $2, if there is such a package" >&2
    needs_apt install "$2" || { needs_apt update && needs_apt install "$2"; } ||
        echo "$2 cannot be installed: what wants it is left out" >&2
    rm -f "$needs_log"
}

# needs_install CALLER: installs what was found missing, or says what to install and exits with 3.
needs_install()
{
    [ -n "$needs_missing" ] || return 0
    needs_sudo=""
    needs_log=$(mktemp)

    if ! command -v apt-get >/dev/null 2>&1; then
        echo "$1: missing (by the names of Debian's packages):$needs_missing" >&2
        exit 3
    fi
    if [ "$(id -u)" != 0 ]; then
        needs_sudo="sudo -n"
        if ! sudo -n true >/dev/null 2>&1; then
            echo "$1: missing:$needs_missing; run: sudo apt-get install$needs_missing" >&2
            exit 3
        fi
    fi
    echo "$1: installing$needs_missing" >&2
    # The lists of packages may be absent or old: they are fetched only if it does not go without.
    # shellcheck disable=SC2086
    if ! needs_apt install $needs_missing && ! { needs_apt update && needs_apt install $needs_missing; }
    then
        cat "$needs_log" >&2
        echo "$1: cannot install; try: sudo apt-get install$needs_missing" >&2
        exit 3
    fi
    rm -f "$needs_log"
    needs_missing=""
}

needs_apt()
{
    needs_verb=$1
    shift
    $needs_sudo env DEBIAN_FRONTEND=noninteractive apt-get "$needs_verb" -y -q "$@" \
        </dev/null >>"$needs_log" 2>&1
}
