#!/bin/sh
# Run the tests on PostgreSQL: DATABASE_URL if it names one, else the server of this machine. In CI a missing one fails.
set -u
case "${DATABASE_URL:-}" in
postgres*) url=$DATABASE_URL ;;
*) url=postgres://postgres@127.0.0.1:5432/callguard ;;
esac
if ! DATABASE_URL=$url .venv/bin/python -c '
import os, psycopg, environ
db = environ.Env.db_url_config(os.environ["DATABASE_URL"])
psycopg.connect(host=db["HOST"], port=db["PORT"] or 5432, user=db["USER"], password=db["PASSWORD"] or None, dbname="postgres", connect_timeout=5)
' 2>/dev/null; then
    echo "No PostgreSQL answers at ${url#*@}: start one, or set DATABASE_URL=postgres://user:password@host/name to run these tests."
    [ "${CI:-}" = true ] && exit 1
    exit 0
fi
# Once is enough (on SQLite, before) for rooms that know no database of ours, and for what a browser does with pages that
# the tests of admin and dashboard open here as well.
for room in crm_mirror/sandbox crm_mirror/portal callguard/bitrix_box contract/test_samples.py browser; do
    set -- "$@" "--ignore=tests/$room"
done
DATABASE_URL=$url exec sh tests/twice.sh "$@"
