"""One answer: what happens in one hall, under one plan, in one replication.

In comes a validated scenario and a seed; out come the log of every operation and the metrics taken from it.
The package draws all randomness up front, runs it through a deterministic engine, and measures the log; it
knows queues, servers, calendars and cases, and no district and no user interface.
"""

__all__: list[str] = []
