"""Engines that fail: a spawned process imports them by this name."""

from foundation.errors import HallplanError


def broken_engine(program, plan):
    raise HallplanError("error.replications.too_few", replications=-1)
