#!/bin/sh
# All tests side by side; what failed there is tried once more, alone: waiting for a browser or a broker on a machine that
# is busy with other tests fails once in some thousand times, a fault of ours fails both times.
# PYTEST: the command; arguments are handed on.
set -u
$PYTEST -n auto --cache-clear "$@" && exit 0
echo "Once more, alone: what has failed."
exec $PYTEST --last-failed --last-failed-no-failures none "$@"
