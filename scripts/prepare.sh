# shellcheck shell=bash disable=SC2034
# What a bare Debian machine with Swift still lacks, and the builds. Sourced by the other scripts, which run under
# `set -euo pipefail`; progress goes to standard error.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() { printf '%s\n' "$*" >&2; }

die() {
    say "error: $*"
    exit 1
}

# require_packages PACKAGE... : installs those that are missing.
require_packages() {
    local missing=() package
    for package in "$@"; do
        is_present "$package" || missing+=("$package")
    done
    ((${#missing[@]})) || return 0

    command -v apt-get >/dev/null || die "please install what these Debian packages hold: ${missing[*]}"
    local as_root=()
    if ((EUID != 0)); then
        command -v sudo >/dev/null || die "please run as root: apt-get install ${missing[*]}"
        as_root=(sudo)
    fi
    say "installing ${missing[*]}"
    # Empty when root; `env` keeps apt from asking questions.
    local apt=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -o Dpkg::Use-Pty=0)
    if ! { "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "${missing[@]}"; } >&2; then
        die "apt-get could not install: ${missing[*]}"
    fi
}

# A tool may be there without its package, and a library without its tool: each is asked for in its own way.
is_present() {
    case $1 in
        libsqlite3-dev) [[ -e /usr/include/sqlite3.h ]] ;;
        libssl-dev) [[ -e /usr/include/openssl/ssl.h ]] ;;
        ca-certificates) [[ -e /etc/ssl/certs/ca-certificates.crt ]] ;;
        python3) python3 -c 'import sqlite3, sys; sys.exit(sys.version_info < (3, 9))' 2>/dev/null ;;
        linux-perf) command -v perf >/dev/null ;;
        python3-venv) python3 -c 'import ensurepip, venv' 2>/dev/null ;;
        nginx-light | varnish | haproxy) is_program "$1" ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

# Servers are not on everybody's path.
is_program() {
    case $1 in
        nginx-light) set -- nginx ;;
        varnish) set -- varnishd ;;
    esac
    PATH=$PATH:/usr/sbin:/usr/local/sbin command -v "$1" >/dev/null
}

require_build_tools() {
    command -v swift >/dev/null || die "swift is not installed: https://www.swift.org/install/linux/"
    require_packages libsqlite3-dev libssl-dev git ca-certificates
}

# The folder with `bin` and `lib` of the compiler in use.
toolchain() { dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")"; }

require_test_tools() {
    require_packages curl jq sqlite3 strace openssl chromium nginx-light haproxy varnish python3 python3-venv
}

# build_release : leaves the path of the server in `reprise`.
build_release() {
    require_build_tools
    (cd "$root" && swift build -c release --product reprise) >&2 || die "the release build failed"
    reprise=$root/.build/release/reprise
}

# The server that a script drives: the one named by REPRISE_BIN, else a release build.
require_server() {
    if [[ -n ${REPRISE_BIN:-} ]]; then
        reprise=$(realpath -e "$REPRISE_BIN") || die "REPRISE_BIN: there is no $REPRISE_BIN"
    else
        build_release
    fi
}
