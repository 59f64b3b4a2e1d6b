"""A hall whose inspections are worked out by hand: six cases every Monday, teams that go out at nine every day."""

HALL = """
format = 1
name = "inspected"
run = { start = 2014-03-03, days = 50, follow_up_days = 5 }

[calendar]
country = "none"
weekend = ["sat", "sun"]
hours = ["09:00-17:00"]

[pools.window]
servers = 12

[pools.food]
role = "inspection"
servers = 1

[timetables.food-list]
times = ["09:00"]
days = ["mon", "tue", "wed", "thu", "fri"]
capacity = 2

[services.licence]
kind = "committed"

[services.licence.visits.apply]
window = { pool = "window", work = "10 min" }
file = { start_case = true }

[services.licence.case]
accepted = { mark = "accepted" }
list = { until = "food-list" }
check = { pool = "food", work = "1 h" }
decided = { mark = "decided" }

[arrivals.mondays]
services = "licence"
slots = { times = ["10:00"], days = ["mon"], seats = 6 }
"""
SECOND_TEAM = """
[pools.fire]
role = "inspection"
servers = 1

[timetables.fire-list]
times = ["09:00"]
days = ["mon", "tue", "wed", "thu", "fri"]
capacity = 2

[services.safety]
like = "licence"
case.list.until = "fire-list"
case.check.pool = "fire"

[arrivals.wednesdays]
services = "safety"
slots = { times = ["10:00"], days = ["wed"], seats = 6 }
"""
