"""Placeholder."""


def fill(store, statuses):
    pass
