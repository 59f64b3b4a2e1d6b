"""Event logs: files of ticket machines, ledgers and process software in, one table of activities out."""

from calibration.eventlog.read.log import read_log
from calibration.eventlog.table import EventLog, Note, Rejected

__all__ = ["EventLog", "Note", "Rejected", "read_log"]
