"""The closed vocabularies of the format, each written once: every other list of these words is derived from here.

Input: nothing.  Output: for each vocabulary the type of its words, and the words in their order.  Numbers in tables
(purposes, marks) are positions in these tuples, so a new word goes to the end.
"""

from __future__ import annotations

from typing import Final, Literal, get_args

__all__ = [
    "ACTIONS",
    "AGENT",
    "ARRIVAL_PROCESSES",
    "CHANNELS",
    "FORMAT",
    "LAW_FORMS",
    "MARKS",
    "MEANT_BY_MARK",
    "MILESTONES",
    "MILESTONE_OF_MARK",
    "MILESTONE_OF_ROLE",
    "PROVENANCE_KINDS",
    "PURPOSES",
    "SERVICE_KINDS",
    "STOPS",
    "WEEKDAYS",
    "WINDOW_ROLES",
    "AbsentThen",
    "AtBreak",
    "AtClose",
    "Channel",
    "Country",
    "Discipline",
    "Format",
    "Mark",
    "Milestone",
    "Order",
    "ProvenanceKind",
    "Purpose",
    "ServiceKind",
    "SiteAtClose",
    "Stop",
    "Weekday",
]

Format = Literal[1]
"""Version of the format."""
FORMAT: Final[Format] = get_args(Format)[0]

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: Final[tuple[Weekday, ...]] = get_args(Weekday)

Country = Literal["CN", "none"]
"""Whose public holidays hold."""

Channel = Literal["walk-in", "appointment", "online"]
"""How visitors come; those who apply ``online`` do not enter the hall."""
CHANNELS: Final[tuple[Channel, ...]] = get_args(Channel)

Purpose = Literal["enquire", "apply", "supplement", "pay", "collect"]
"""What a visitor comes for."""
PURPOSES: Final[tuple[Purpose, ...]] = get_args(Purpose)

ServiceKind = Literal["instant", "committed", "joint", "referred", "consult"]
"""即办件, 承诺件, 联办件, 上报件, and enquiries only."""
SERVICE_KINDS: Final[tuple[ServiceKind, ...]] = get_args(ServiceKind)

Mark = Literal[
    "accepted", "accepted-with-gaps", "incomplete", "refused", "withdrawn", "decided", "finished", "delivered"
]
"""What can happen to an item: 受理, 容缺受理, 补正告知, 退回, 撤回, 决定, 办结, 送达."""
MARKS: Final[tuple[Mark, ...]] = get_args(Mark)

MEANT_BY_MARK: Final[dict[str, Mark]] = {**{mark: mark for mark in MARKS}, "accepted-with-gaps": "accepted"}
"""The event that a mark counts as: an item accepted with gaps is accepted."""

Stop = Literal[
    "applicant",
    "auction",
    "hearing",
    "testing",
    "inspection",
    "quarantine",
    "appraisal",
    "expert-review",
    "on-site-check",
    "on-record",
]
"""What can stop the statutory clock (Administrative Licensing Law art. 45; ``applicant`` is a correction;
``on-site-check`` counts only where the scenario's ``law`` table says that a local rule lists it; ``on-record`` is a
suspension that the authority's own record shows without saying why)."""
STOPS: Final[tuple[Stop, ...]] = get_args(Stop)

AtBreak = Literal["finish", "pause", "last-call"]
"""What a server does with the service in hand at an edge of its hours, or how it keeps free of one."""

SiteAtClose = Literal["serve", "send-home"]
"""What happens at the day's last closing to visitors who still wait."""

AtClose = Literal[SiteAtClose, "keep"]
"""The same at one pool, which can also keep its queue until the next opening."""

Discipline = Literal["fifo", "due-date"]
"""Queue discipline within a priority."""

AbsentThen = Literal["rejoin", "leave"]
"""What becomes of a visitor who missed the call."""

Order = Literal["parallel", "sequential"]
"""Order of the branches of a fork."""

ProvenanceKind = Literal["published", "given", "derived", "assumed"]
"""Where a number comes from: a publication, the hall itself, other numbers, or nowhere."""
PROVENANCE_KINDS: Final[tuple[ProvenanceKind, ...]] = get_args(ProvenanceKind)

WINDOW_ROLES: Final = ("window", "counter")
"""Roles of the pools that call tickets: there the wait of a trip ends.  Roles are free words; a few have a meaning."""

Milestone = Literal["accepted", "inspected", "reviewed", "decided", "issued"]
"""What an applicant's day-by-day schedule speaks of: 受理, 勘查, 审查, 决定, 出证."""
MILESTONES: Final[tuple[Milestone, ...]] = get_args(Milestone)

MILESTONE_OF_MARK: Final[dict[Mark, Milestone]] = {"accepted": "accepted", "decided": "decided", "finished": "issued"}
"""The milestone that a mark (by its meaning) is."""

MILESTONE_OF_ROLE: Final[dict[str, Milestone]] = {"inspection": "inspected", "section": "reviewed"}
"""The milestone that the last work at a pool of a role is."""

AGENT: Final = "agent"
"""Name of the kind of visitor that applies on behalf of others (whole-process agent, 全程代办)."""

ACTIONS: Final = ("pool", "delay", "until", "fork", "visit", "route", "start_case")
"""Keys of a step that say what it does; a step has at most one of them."""

ARRIVAL_PROCESSES: Final = ("per_day", "every", "at", "slots")
"""Keys of a source that say when its visitors come; a source has one of them."""

LAW_FORMS: Final = ("constant", "dist", "values", "mixture")
"""Keys of a random quantity that say which form of law it is; a law has one of them."""
