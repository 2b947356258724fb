#!/usr/bin/env bash
# Runs a command with a PostgreSQL of its own, thrown away at the end:
#     scripts/test_postgres.sh make test
# The command finds the address in REPARTO_TEST_POSTGRES_URL. PostgreSQL 15 or later is needed; as
# root on Debian it is installed when it is missing.
set -euo pipefail

readonly ROOM_KIB=2000000
# Nothing is kept, so nothing has to survive a crash; databases are made by copying files.
readonly SETTINGS=(
    listen_addresses= fsync=off full_page_writes=off synchronous_commit=off
    wal_level=minimal max_wal_senders=0 max_wal_size=4GB autovacuum=off max_connections=200
)

find_programs() {
    local initdb
    initdb=$(command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
    [[ -n $initdb ]] && dirname "$initdb"
}

install_programs() {
    if [[ $(id -u) -eq 0 ]] && command -v apt-get >/dev/null; then
        apt-get update --quiet >&2
        DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet --no-install-recommends \
            postgresql postgresql-contrib >&2
    fi
}

# In memory, where databases are made five times faster, if there is room.
make_folder() {
    local parent=${TMPDIR:-/tmp}
    if [[ -w /dev/shm && $(df --output=avail /dev/shm | tail -n 1) -gt $ROOM_KIB ]]; then
        parent=/dev/shm
    fi
    mktemp --directory "$parent/reparto-postgres.XXXXXX"
}

# PostgreSQL refuses to run as root.
as_owner() {
    if [[ $(id -u) -eq 0 ]]; then
        setpriv --reuid="$owner" --regid="$(id -g "$owner")" --clear-groups "$@"
    else
        "$@"
    fi
}

stop_and_remove() {
    as_owner "$programs/pg_ctl" stop --pgdata=data --mode=immediate --silent || true
    rm -rf "$folder"
}

if [[ $# -eq 0 ]]; then
    echo "usage: scripts/test_postgres.sh COMMAND [ARGUMENT...]" >&2
    exit 2
fi
programs=$(find_programs) || { install_programs && programs=$(find_programs); } || {
    echo "PostgreSQL 15 or later is needed: install it, initdb included, and run again" >&2
    exit 1
}
owner=$(id -un postgres 2>/dev/null || echo nobody)
folder=$(make_folder)
if [[ $(id -u) -eq 0 ]]; then
    chown "$owner" "$folder"
fi
project=$PWD
cd "$folder"
trap stop_and_remove EXIT
as_owner "$programs/initdb" --pgdata=data --username=postgres --auth=trust --no-sync \
    --encoding=UTF8 --locale=C.UTF-8 --locale-provider=icu --icu-locale=es-ES >initdb.log 2>&1 ||
    { cat initdb.log >&2; exit 1; }
# As in production: a role that owns its databases, and whom their policies bind.
echo "CREATE ROLE reparto LOGIN CREATEDB" |
    as_owner "$programs/postgres" --single -D data postgres >role.log 2>&1 ||
    { cat role.log >&2; exit 1; }
as_owner "$programs/pg_ctl" start --pgdata=data --log=data/log --wait --silent \
    --options="$(printf ' -c %s' "${SETTINGS[@]}" "unix_socket_directories=$folder")" ||
    { cat data/log >&2; exit 1; }
export REPARTO_TEST_POSTGRES_URL="postgresql+psycopg://reparto@/postgres?host=$folder"
(cd "$project" && "$@")
