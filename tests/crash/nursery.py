"""Runs one command after another, each in a process of its own; Python and Django start only once.

For each line on stdin, the words after `manage.py`: fork, print the child's process ID, wait, print how it ended
(negative: killed by that signal).
"""

import os
import sys

import django
from django.core.management import ManagementUtility


def run(command: str) -> int:
    try:
        ManagementUtility(["manage.py", *command.split()]).execute()
    except SystemExit as ended:
        return int(ended.code or 0)
    return 0


if __name__ == "__main__":
    django.setup()
    for line in sys.stdin:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
            os._exit(run(line))
        print(child, flush=True)  # noqa: T201 - this is how it talks to the test
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)  # noqa: T201
