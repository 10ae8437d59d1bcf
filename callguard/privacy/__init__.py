"""Personal data: who looked at it, how long it is kept, how it is given out and erased."""

from callguard.privacy.access import note_access

__all__ = ["note_access"]
