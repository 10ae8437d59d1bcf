"""Doors that anybody may knock at, and that ask the portal each time: so many knocks a minute and no more."""

from __future__ import annotations

import logging
import time

from django.core.cache import cache
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def is_flooded(door: str, *, most: int) -> bool:
    """Count one knock; True when it is one too many this minute. Per process, unless CACHE_URL is shared."""
    minute = f"crm_mirror.flood.{door}.{int(time.time()) // 60}"
    try:
        cache.add(minute, 0, 120)
        return cache.incr(minute) > most
    except (RedisError, ValueError) as error:  # ValueError: gone from the cache in between
        logger.warning("the shared cache does not answer, %s is not counted: %s", door, type(error).__name__)
        return False
