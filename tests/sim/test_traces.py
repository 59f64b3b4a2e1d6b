"""Twelve small halls, worked out by hand: the whole log, to the minute, as every engine must return it.

Each scenario file says what the hall is; the table below says who was where when, and why.  Visitors are named after
the sources that bring them.  Columns: who, step, ready, start, end, outcome.
"""

from __future__ import annotations

import numpy as np
import pytest
from cases import for_each
from tracing import ENGINES, of_file, simulate, table

from sim.measure import measure
from sim.program import Code, Kind

LUNCH = """
who   step         ready        start        end          outcome
anna  come in      03-03 11:50  03-03 11:50  03-03 11:50  done
bo    come in      03-03 11:55  03-03 11:55  03-03 11:55  done
anna  apply/serve  03-03 11:50  03-03 11:50  03-03 12:10  done     # 20 min: the window finishes her into its lunch
anna  go out       03-03 12:10  03-03 12:10  03-03 12:10  done
cai   come in      03-03 12:30  03-03 12:30  03-03 12:30  done     # the doors stay open at noon
bo    apply/serve  03-03 11:55  03-03 13:00  03-03 13:20  done     # nobody begins at noon: 13:00
bo    go out       03-03 13:20  03-03 13:20  03-03 13:20  done
cai   apply/serve  03-03 12:30  03-03 13:20  03-03 13:40  done
cai   go out       03-03 13:40  03-03 13:40  03-03 13:40  done
"""

CLOSING = """
who   step         ready        start        end          outcome
anna  come in      03-03 16:30  03-03 16:30  03-03 16:30  done
eve   come in      03-03 16:30  03-03 16:30  03-03 16:30  done
fay   come in      03-03 16:35  03-03 16:35  03-03 16:35  done
bo    come in      03-03 16:39  03-03 16:39  03-03 16:39  done
cai   come in      03-03 16:40  03-03 16:40  03-03 16:40  shut       # tickets stop 20 min before 17:00
cai   trip fails   03-03 16:40  03-03 16:40  03-03 16:40  lost
fay   apply/serve  03-03 16:35  03-03 17:00  03-03 17:00  sent home  # the branch closes
fay   go out       03-03 17:00  03-03 17:00  03-03 17:00  done
fay   trip fails   03-03 17:00  03-03 17:00  03-03 17:00  returns
anna  apply/serve  03-03 16:30  03-03 16:30  03-03 17:10  done
anna  go out       03-03 17:10  03-03 17:10  03-03 17:10  done
eve   apply/serve  03-03 16:30  03-03 16:30  03-03 17:10  done       # in hand at closing: finished
eve   go out       03-03 17:10  03-03 17:10  03-03 17:10  done
bo    apply/serve  03-03 16:39  03-03 17:10  03-03 17:50  done       # inside the hall: served, overtime
bo    go out       03-03 17:50  03-03 17:50  03-03 17:50  done
fay   come in      03-04 08:00  03-04 08:00  03-04 09:00  done       # one working day later, at the doors from 08:00
fay   apply/serve  03-04 09:00  03-04 09:00  03-04 09:40  done
fay   go out       03-04 09:40  03-04 09:40  03-04 09:40  done
"""

OVERNIGHT = """
who   step          ready        start        end          outcome
anna  come in       03-03 16:00  03-03 16:00  03-03 16:00  done
anna  apply/accept  03-03 16:00  03-03 16:00  03-03 16:10  done
anna  go out        03-03 16:10  03-03 16:10  03-03 16:10  done
bo    come in       03-03 16:30  03-03 16:30  03-03 16:30  done
bo    apply/accept  03-03 16:30  03-03 16:30  03-03 16:40  done
bo    go out        03-03 16:40  03-03 16:40  03-03 16:40  done
# 180 min: 50 on Monday until 17:00, 130 on Tuesday from 09:00 on
anna  case/review   03-03 16:10  03-03 16:10  03-04 11:10  done
# 180 min: 50 until the break at 12:00, 130 from 13:00 on
bo    case/review   03-03 16:40  03-04 11:10  03-04 15:10  done
"""

PRIORITY = """
who   step            ready        start        end          outcome
anna  come in         03-03 09:00  03-03 09:00  03-03 09:00  done
fay   come in         03-03 09:00  03-03 09:00  03-03 09:00  done
bo    come in         03-03 09:05  03-03 09:05  03-03 09:05  done
cai   come in         03-03 09:10  03-03 09:10  03-03 09:10  done
dan   come in         03-03 09:12  03-03 09:12  03-03 09:12  done
eve   come in         03-03 09:15  03-03 09:15  03-03 09:15  done
gus   come in         03-03 09:20  03-03 09:20  03-03 09:20  done
fay   enquire/advise  03-03 09:00  03-03 09:00  03-03 09:20  preempted  # 20 of her 60 min are done
anna  apply/serve     03-03 09:00  03-03 09:00  03-03 09:30  done
anna  go out          03-03 09:30  03-03 09:30  03-03 09:30  done
gus   enquire/advise  03-03 09:20  03-03 09:20  03-03 09:30  done
gus   go out          03-03 09:30  03-03 09:30  03-03 09:30  done
cai   apply/serve     03-03 09:10  03-03 09:30  03-03 09:40  done       # green channel (1), before bo, who came first
cai   go out          03-03 09:40  03-03 09:40  03-03 09:40  done
dan   apply/serve     03-03 09:12  03-03 09:40  03-03 09:50  done       # green channel too, in order of arrival
dan   go out          03-03 09:50  03-03 09:50  03-03 09:50  done
eve   apply/serve     03-03 09:15  03-03 09:50  03-03 10:00  done       # elderly (4)
eve   go out          03-03 10:00  03-03 10:00  03-03 10:00  done
fay   enquire/advise  03-03 09:20  03-03 09:30  03-03 10:10  done       # the 40 min that were left
fay   go out          03-03 10:10  03-03 10:10  03-03 10:10  done
bo    apply/serve     03-03 09:05  03-03 10:00  03-03 10:10  done       # ordinary (5)
bo    go out          03-03 10:10  03-03 10:10  03-03 10:10  done
"""

RENEGING = """
who   step         ready        start        end          outcome
anna  come in      03-03 09:00  03-03 09:00  03-03 09:00  done
bo    come in      03-03 09:05  03-03 09:05  03-03 09:05  done
cai   come in      03-03 09:10  03-03 09:10  03-03 09:10  done
bo    apply/serve  03-03 09:05  03-03 09:15  03-03 09:15  reneged  # waits 10 min
bo    go out       03-03 09:15  03-03 09:15  03-03 09:15  done
bo    trip fails   03-03 09:15  03-03 09:15  03-03 09:15  lost
dan   come in      03-03 09:20  03-03 09:20  03-03 09:20  done
anna  apply/serve  03-03 09:00  03-03 09:00  03-03 09:30  done
anna  go out       03-03 09:30  03-03 09:30  03-03 09:30  done
dan   apply/serve  03-03 09:20  03-03 09:30  03-03 09:30  reneged
dan   go out       03-03 09:30  03-03 09:30  03-03 09:30  done
dan   trip fails   03-03 09:30  03-03 09:30  03-03 09:30  returns
cai   apply/serve  03-03 09:10  03-03 09:30  03-03 09:40  done     # called in the instant in which the 20 min end
cai   go out       03-03 09:40  03-03 09:40  03-03 09:40  done
dan   come in      03-04 08:00  03-04 08:00  03-04 09:00  done
dan   apply/serve  03-04 09:00  03-04 09:00  03-04 09:10  done
dan   go out       03-04 09:10  03-04 09:10  03-04 09:10  done
"""

FORK_JOIN = """
who   step                      ready        start        end          outcome
anna  come in                   03-03 09:00  03-03 09:00  03-03 09:00  done
anna  apply/accept              03-03 09:00  03-03 09:00  03-03 09:10  done
anna  go out                    03-03 09:10  03-03 09:10  03-03 09:10  done
bo    come in                   03-03 09:30  03-03 09:30  03-03 09:30  done
bo    apply/accept              03-03 09:30  03-03 09:30  03-03 09:40  done
bo    go out                    03-03 09:40  03-03 09:40  03-03 09:40  done
anna  case/review/fire/check    03-03 09:10  03-03 09:10  03-03 11:10  done
anna  case/review/health/check  03-03 09:10  03-03 09:10  03-03 13:10  done  # 170 min until noon, 10 from 13:00
anna  case/review               03-03 09:10  03-03 09:10  03-03 13:10  done  # joined when the later one is done
anna  case/certificate          03-03 13:10  03-03 13:10  03-03 13:25  done
bo    case/review/fire/check    03-03 09:40  03-03 11:10  03-03 14:10  done  # 50 min until noon, 70 from 13:00
bo    case/review/health/check  03-03 09:40  03-03 13:10  03-03 16:10  done
bo    case/review               03-03 09:40  03-03 09:40  03-03 16:10  done
bo    case/certificate          03-03 16:10  03-03 16:10  03-03 16:25  done
"""

COURIER = """
who   step            ready        start        end          outcome
anna  case/hand-over  03-03 09:10  03-03 09:10  03-03 11:00  done
bo    case/hand-over  03-03 09:20  03-03 09:20  03-03 11:00  done
anna  case/ride       03-03 11:00  03-03 11:00  03-03 11:20  done
bo    case/ride       03-03 11:00  03-03 11:00  03-03 11:20  done
cai   case/hand-over  03-03 09:30  03-03 09:30  03-03 16:00  done  # the bag for 11:00 was full
dan   case/hand-over  03-03 11:00  03-03 11:00  03-03 16:00  done  # there in time, but no place
cai   case/ride       03-03 16:00  03-03 16:00  03-03 16:20  done
dan   case/ride       03-03 16:00  03-03 16:00  03-03 16:20  done
eve   case/hand-over  03-03 16:00  03-03 16:00  03-04 11:00  done
eve   case/ride       03-04 11:00  03-04 11:00  03-04 11:20  done
fay   case/hand-over  03-04 16:00  03-04 16:00  03-04 16:00  done  # at the moment of departure one still boards
fay   case/ride       03-04 16:00  03-04 16:00  03-04 16:20  done
"""

FOLLOW_UP = """
who   step                ready        start        end          outcome
anna  come in             03-06 10:00  03-06 10:00  03-06 10:00  done
anna  apply/accept        03-06 10:00  03-06 10:00  03-06 10:10  done
anna  (accepted)          03-06 10:10  03-06 10:10  03-06 10:10  done
anna  go out              03-06 10:10  03-06 10:10  03-06 10:10  done
anna  case/read           03-06 10:10  03-06 10:10  03-06 10:40  done
anna  (incomplete)        03-06 10:40  03-06 10:40  03-06 10:40  done
# Thursday + 2 working days = Monday 10 March, at the doors from 08:00
anna  come in             03-10 08:00  03-10 08:00  03-10 09:00  done
anna  supplement/hand-in  03-10 09:00  03-10 09:00  03-10 09:15  done
anna  (accepted)          03-10 09:15  03-10 09:15  03-10 09:15  done
anna  go out              03-10 09:15  03-10 09:15  03-10 09:15  done
anna  case/supplement     03-06 10:40  03-06 10:40  03-10 09:15  done
anna  case/decide         03-10 09:15  03-10 09:15  03-10 09:45  done
anna  (decided)           03-10 09:45  03-10 09:45  03-10 09:45  done
anna  (finished)          03-10 09:45  03-10 09:45  03-10 09:45  done
anna  come in             03-11 08:00  03-11 08:00  03-11 09:00  done
anna  collect/collect     03-11 09:00  03-11 09:00  03-11 09:05  done
anna  (delivered)         03-11 09:05  03-11 09:05  03-11 09:05  done
anna  go out              03-11 09:05  03-11 09:05  03-11 09:05  done
"""

HOLIDAY = """
who   step          ready        start        end          outcome
anna  come in       04-30 16:30  04-30 16:30  04-30 16:30  done
anna  apply/accept  04-30 16:30  04-30 16:30  04-30 16:40  done
anna  go out        04-30 16:40  04-30 16:40  04-30 16:40  done
bo    come in       05-02 10:00  05-02 10:00  05-02 10:00  shut     # Friday, but a holiday
bo    trip fails    05-02 10:00  05-02 10:00  05-02 10:00  returns
bo    come in       05-04 08:00  05-04 08:00  05-04 09:00  done     # Sunday, but worked, with Monday's hours
bo    apply/accept  05-04 09:00  05-04 09:00  05-04 09:10  done
bo    go out        05-04 09:10  05-04 09:10  05-04 09:10  done
cai   come in       05-04 10:00  05-04 10:00  05-04 10:00  done
cai   apply/accept  05-04 10:00  05-04 10:00  05-04 10:10  done
cai   go out        05-04 10:10  05-04 10:10  05-04 10:10  done
anna  case/review   04-30 16:40  04-30 16:40  05-04 10:40  done     # 20 min before the holiday, 100 after it
bo    case/review   05-04 09:10  05-04 10:40  05-04 13:40  done     # 80 min until noon, 40 from 13:00 on
cai   case/review   05-04 10:10  05-04 13:40  05-04 15:40  done
anna  case/notice   05-04 10:40  05-04 10:40  05-05 10:40  done     # one working day on
bo    case/notice   05-04 13:40  05-04 13:40  05-05 13:40  done
cai   case/notice   05-04 15:40  05-04 15:40  05-05 15:40  done
"""

SHIFT = """
who   step         ready        start        end          outcome
anna  come in      03-03 10:30  03-03 10:30  03-03 10:30  done
bo    come in      03-03 10:40  03-03 10:40  03-03 10:40  done
cai   come in      03-03 10:50  03-03 10:50  03-03 10:50  done
anna  apply/serve  03-03 10:30  03-03 10:30  03-03 11:30  done  # one clerk goes at 11:00: the first to be free
anna  go out       03-03 11:30  03-03 11:30  03-03 11:30  done
bo    apply/serve  03-03 10:40  03-03 10:40  03-03 11:40  done
bo    go out       03-03 11:40  03-03 11:40  03-03 11:40  done
cai   apply/serve  03-03 10:50  03-03 11:40  03-03 11:50  done
cai   go out       03-03 11:50  03-03 11:50  03-03 11:50  done
dan   come in      03-03 13:30  03-03 13:30  03-03 13:30  done
eve   come in      03-03 13:45  03-03 13:45  03-03 13:45  done
eve   apply/serve  03-03 13:45  03-03 14:00  03-03 14:10  done  # a second clerk comes at 14:00
eve   go out       03-03 14:10  03-03 14:10  03-03 14:10  done
dan   apply/serve  03-03 13:30  03-03 13:30  03-03 14:30  done
dan   go out       03-03 14:30  03-03 14:30  03-03 14:30  done
"""

ROOM = """
who   step           ready        start        end          outcome
anna  come in        03-03 09:00  03-03 09:00  03-03 09:00  done
bo    come in        03-03 09:05  03-03 09:05  03-03 09:05  done
cai   come in        03-03 09:10  03-03 09:10  03-03 09:10  done
cai   apply/serve    03-03 09:10  03-03 09:10  03-03 09:10  full     # bo has the one chair
cai   go out         03-03 09:10  03-03 09:10  03-03 09:10  done
cai   trip fails     03-03 09:10  03-03 09:10  03-03 09:10  lost
anna  apply/serve    03-03 09:00  03-03 09:00  03-03 09:30  done
anna  go out         03-03 09:30  03-03 09:30  03-03 09:30  done
dan   come in        03-03 09:30  03-03 09:30  03-03 09:30  done     # bo has just been called: the chair is free
bo    apply/serve    03-03 09:05  03-03 09:30  03-03 10:00  done
bo    go out         03-03 10:00  03-03 10:00  03-03 10:00  done
eve   come in        03-03 10:00  03-03 10:00  03-03 10:00  done
fay   come in        03-03 10:01  03-03 10:01  03-03 10:01  done
gus   come in        03-03 10:09  03-03 10:09  03-03 10:09  full     # two are in the kiosk
gus   trip fails     03-03 10:09  03-03 10:09  03-03 10:09  returns
eve   collect/print  03-03 10:00  03-03 10:00  03-03 10:10  done
eve   go out         03-03 10:10  03-03 10:10  03-03 10:10  done
fay   collect/print  03-03 10:01  03-03 10:10  03-03 10:20  done
fay   go out         03-03 10:20  03-03 10:20  03-03 10:20  done
dan   apply/serve    03-03 09:30  03-03 10:00  03-03 10:30  done
dan   go out         03-03 10:30  03-03 10:30  03-03 10:30  done
gus   come in        03-04 08:00  03-04 08:00  03-04 09:00  done
gus   collect/print  03-04 09:00  03-04 09:00  03-04 09:10  done
gus   go out         03-04 09:10  03-04 09:10  03-04 09:10  done
"""

STATUTORY = """
who   step              ready        start        end          outcome
anna  come in           03-03 10:00  03-03 10:00  03-03 10:00  done
anna  apply/accept      03-03 10:00  03-03 10:00  03-03 10:10  done
anna  (accepted)        03-03 10:10  03-03 10:10  03-03 10:10  done
anna  go out            03-03 10:10  03-03 10:10  03-03 10:10  done
anna  case/test         03-03 10:10  03-03 10:10  03-06 10:10  done  # Monday to Thursday
anna  case/review       03-06 10:10  03-06 10:10  03-06 11:10  done
anna  case/check        03-06 11:10  03-06 11:10  03-07 11:10  done  # Thursday to Friday
anna  case/sign         03-07 11:10  03-07 11:10  03-10 11:10  done  # over the weekend
anna  (decided)         03-10 11:10  03-10 11:10  03-10 11:10  done
anna  case/certificate  03-10 11:10  03-10 11:10  03-10 11:40  done
anna  (finished)        03-10 11:40  03-10 11:40  03-10 11:40  done
"""

TRACES = {
    "lunch": LUNCH,
    "closing": CLOSING,
    "overnight": OVERNIGHT,
    "priority": PRIORITY,
    "reneging": RENEGING,
    "fork-join": FORK_JOIN,
    "courier": COURIER,
    "follow-up": FOLLOW_UP,
    "holiday": HOLIDAY,
    "shift": SHIFT,
    "room": ROOM,
    "statutory": STATUTORY,
}


@for_each("engine", ENGINES)
@for_each("name", TRACES)
def test_the_log_is_the_one_worked_out_by_hand(name: str, engine: str) -> None:
    assert simulate(of_file(name), engine).told() == table(TRACES[name])


@for_each("engine", ENGINES)
@for_each("name", TRACES)
def test_everybody_who_set_out_is_done_by_the_end(name: str, engine: str) -> None:
    log = simulate(of_file(name), engine).log
    assert (log.started >= 0).all()
    assert (log.ended >= log.started).all()


@for_each("engine", ENGINES)
@for_each(
    ("what_stops", "days"),
    [
        # Accepted on Monday 3 March, decided on Monday 10: Tue, Wed, Thu, Fri, Mon = 5 working days.
        ((), 5),
        # The test (Mon to Thu) takes out Tue, Wed and Thu.
        (("testing",), 2),
        # A check on site from Thu to Fri takes out Friday, where a local list says so.
        (("testing", "on-site-check"), 1),
    ],
)
def test_the_statutory_clock_stands_still_during_a_stop(engine: str, what_stops: tuple[str, ...], days: int) -> None:
    trace = simulate(of_file("statutory"), engine)
    ops, steps, marks = trace.program.ops, trace.program.steps, trace.program.marks
    when = {
        marks[ops["arg"][row["op"]]]: int(row["end"]) for row in trace.log.rows if ops["code"][row["op"]] == Code.MARK
    }
    stopped = [
        (row["ready"], row["end"])
        for row in trace.log.rows
        if ops["step"][row["op"]] >= 0 and steps[ops["step"][row["op"]]].stops_clock in what_stops
    ]
    starts, ends = np.array(stopped, dtype=np.int64).reshape(-1, 2).T
    stops = (starts, ends, np.zeros(len(stopped), dtype=np.int64))
    assert trace.plan.calendars[0].statutory_days(when["accepted"], when["decided"], stops=stops) == days


@for_each("engine", ENGINES)
@for_each(("listed", "days"), [(False, 2), (True, 1)])
def test_a_local_list_decides_whether_a_check_on_site_counts(engine: str, listed: bool, days: int) -> None:
    scenario = of_file("statutory", {"law.on_site_check_stops_clock": listed})
    trace = simulate(scenario, engine)
    case = measure(scenario, trace.program, trace.plan, trace.log).cases.iloc[0]
    # Accepted on Monday 3 March, decided on Monday 10, finished half an hour later: six days touched, five and a bit.
    assert case["statutory_days"] == days
    assert case["touched_days"] == 6
    assert case["elapsed_days"] == pytest.approx(5 + 1.5 / 8)  # 10:10 to 11:40 of a day of 8 hours


@pytest.mark.parametrize("engine", ENGINES)
def test_a_follow_up_visit_works_for_the_case_that_sent_for_it(engine: str) -> None:
    trace = simulate(of_file("follow-up"), engine)
    entities, purposes = trace.program.entities, trace.program.purposes
    case = int(np.flatnonzero(entities["kind"] == Kind.CASE)[0])
    visits = np.flatnonzero((entities["kind"] == Kind.VISIT) & (entities["start"] < 0))
    assert [(purposes[entities["purpose"][v]], int(entities["case"][v])) for v in visits] == [
        ("supplement", case),
        ("collect", case),
    ]
    assert [int(entities["parent"][v]) for v in visits] == [case, -1]  # only the first is waited for
