"""The staffing table: servers per pool, to be changed in place, beside how busy each pool is.

Comes in: what is on the screen.  Goes out: decisions on the session.
"""

from __future__ import annotations

from dataclasses import replace
from functools import reduce
from typing import Any, Final

import pandas as pd
import streamlit as st
from streamlit.elements.lib.column_types import ColumnConfig

from foundation import messages
from foundation.messages import Language, language
from hallplan.page.plans import Plan, plan_of
from hallplan.page.results import scenario_outlook
from hallplan.page.screen import Screen
from hallplan.page.session import Session
from hallplan.page.state import MOST_SERVERS, PlanChoice, set_servers
from hallplan.page.text import labels, plain, say
from hallplan.show.comparison_frames import BUSY, utilisation_frame
from hallplan.show.words import in_language
from scenarios.model import Pool

__all__ = ["department_in", "of_role", "role_title", "staffing", "staffing_table"]

_SNAPSHOT: Final = "staffing-snapshot"
_WHOLE: Final = rf"^(0|[1-9][0-9]{{0,{len(str(MOST_SERVERS)) - 1}}})$"
"""What the field for servers takes: a whole number from 0 to 999."""


def role_title(role: str, language: Language) -> str:
    """Return what a role is called: the usual ones in the language, others as they are."""
    key = f"page.role.{role}"
    return messages.text(key, language) if key in messages.catalogue() else role


def staffing_table(first: Plan, plan: Plan, utilisation: pd.DataFrame | None, language: Language) -> pd.DataFrame:
    """Return one row a pool of a plan: who it is, its servers in plan A and in the plan, and how busy it is.

    The index is the pool's name; columns ``role``, ``department``, ``title``, ``first``, ``servers``, ``load`` (per
    cent, by arithmetic: what is asked of the pool over what it can give) and ``use`` (per cent, simulated).  Pools with
    a roster of shifts are left out: their number of servers says nothing.  So are pools that a lever made a part of
    another one, whose servers are then a total.

    Parameters
    ----------
    first, plan
        Plan A, and the plan.
    utilisation
        Rows of the plan in :func:`~hallplan.show.comparison_frames.utilisation_frame`; None before there are results.
    language
        Of the names.
    """
    used: dict[str, float] = {}
    if utilisation is not None:
        used = {row["pool"]: row["mean"] * 100 for row in utilisation.to_dict("records")}
    loads = {load.pool: load.utilisation * 100 for load in scenario_outlook(plan.scenario).load.pools}
    records: list[dict[str, Any]] = []
    before, totals = _servers(first), _servers(plan)
    for name, pool in plan.scenario.pools.items():
        if name in totals:
            target = _does_the_work(plan, name)
            records.append(
                {
                    "pool": name,
                    "role": role_title(pool.role, language),
                    "department": department_in(pool.department, language),
                    "title": in_language(pool.title, name, language),
                    "first": before.get(name),
                    "servers": totals[name],
                    "load": loads.get(target),
                    "use": used.get(target),
                }
            )
    columns = ["pool", "role", "department", "title", "first", "servers", "load", "use"]
    frame = pd.DataFrame.from_records(records, columns=columns).set_index("pool")
    return frame.astype({"first": "Int64", "servers": "Int64", "load": "Float64", "use": "Float64"})


def _servers(plan: Plan) -> dict[str, int]:
    """Return the servers of every pool that has no roster and is no part of another one, its own parts included."""
    pools, merged = plan.scenario.pools, plan.composed.merged
    totals = {name: pool.servers for name, pool in pools.items() if pool.roster is None and name not in merged}
    for part, into in merged.items():
        if into in totals and pools[part].roster is None:
            totals[into] += pools[part].servers
    return totals


def of_role(table: pd.DataFrame, role: str | None) -> pd.DataFrame:
    """Return the rows of a role; all rows where no role is selected."""
    return table if role is None else table[table["role"] == role]


def department_in(department: str, language: Language) -> str:
    """Return a department's name: of one that is given as "中文 English", the part in the language."""
    chinese, _, english = department.partition(" ")
    if english and english.isascii() and not chinese.isascii():
        return chinese if language == "zh" else english
    return department


def _does_the_work(plan: Plan, name: str) -> str:
    pools: dict[str, Pool] = plan.scenario.pools
    while (into := pools[name].merge_into) is not None and into in pools:
        name = into
    return name


def staffing(screen: Screen) -> None:
    """Draw the table of the plan that is looked at, and take what is typed into it."""
    plan, letter = screen.plan, screen.session.settings.letter
    if plan is None:
        return
    st.markdown(say("staffing.intro", plan=letter))
    if plan.idle:
        pools = say("semicolon").join(map(plain, plan.idle))
        st.warning(say("staffing.idle", pools=pools), icon=":material/info:")
    used = None
    if screen.comparison is not None and not screen.is_stale:
        used = utilisation_frame(screen.comparison, language())
        used = used[used["plan"] == letter]
    table = staffing_table(screen.plans["A"], plan, used, language())
    roles = list(dict.fromkeys(table["role"]))
    if len(roles) > 1:
        role = st.pills(
            say("staffing.role"),
            roles,
            format_func=labels(roles, lambda role: plain(role) if role else say("staffing.no_role")),
            key=f"role-{language()}",
            label_visibility="collapsed",
        )
        table = of_role(table, role)
    _editor(screen.session, table)
    st.caption(say("staffing.caption", limit=BUSY))


def _editor(session: Session, table: pd.DataFrame) -> None:
    # The table stays as it was when its edits began: what is typed is kept by the widget until it starts afresh.
    key = f"staffing-{session.step}-{hash(tuple(table.index))}"
    is_edited = bool(st.session_state.get(key, {}).get("edited_rows"))
    if st.session_state.get(_SNAPSHOT, ("",))[0] != key or not is_edited:
        st.session_state[_SNAPSHOT] = (key, table.astype({"servers": "string"}))
    snapshot: pd.DataFrame = st.session_state[_SNAPSHOT][1]
    bases = _bases(session)

    def take() -> None:
        edits = st.session_state[key]["edited_rows"]
        typed = {
            snapshot.index[int(row)]: cells["servers"]
            for row, cells in edits.items()
            if cells.get("servers") is not None
        }

        def decide(plan: PlanChoice) -> PlanChoice:
            return reduce(
                lambda state, item: set_servers(state, item[0], servers=int(item[1]), base=bases[item[0]]),
                typed.items(),
                plan,
            )

        session.change_plan(decide, fresh=False)

    def share(key: str) -> ColumnConfig:
        return st.column_config.ProgressColumn(
            say(f"staffing.{key}"), min_value=0, max_value=100, format="%.0f%%", help=say(f"staffing.{key}_help")
        )

    st.data_editor(
        snapshot,
        key=key,
        on_change=take,
        hide_index=True,
        height=min(36 * len(snapshot) + 40, 620),
        placeholder="–",
        disabled=["role", "department", "title", "first", "load", "use"],
        column_order=["title", "servers", "load", "use", "first", "department", "role"],
        column_config={
            "title": st.column_config.TextColumn(say("staffing.pool"), pinned=True, width="medium"),
            # A column of numbers would make 27 of 2.7, 3 of -3 and the most of more; one of texts refuses them.
            "servers": st.column_config.TextColumn(
                say("staffing.servers", plan=session.settings.letter),
                validate=_WHOLE,
                required=True,
                help=say("staffing.servers_help"),
            ),
            "load": share("load"),
            "use": share("use"),
            "first": st.column_config.NumberColumn(say("staffing.servers", plan="A")),
            "department": st.column_config.TextColumn(say("staffing.department")),
            "role": st.column_config.TextColumn(say("staffing.role")),
        },
        alt=say("staffing.alt"),
    )


def _bases(session: Session) -> dict[str, int]:
    """Return the servers of the plan's pools as they are without changes of staff."""
    return _servers(plan_of(replace(session.settings.plan, staff=(), demand=1.0)))
