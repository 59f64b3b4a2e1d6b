"""What differs between a plan and the scenario that it starts from, in words.

Comes in: what a visitor has chosen.  Goes out: a sentence.
"""

from __future__ import annotations

from foundation import messages
from foundation.errors import HallplanError
from hallplan.page.plans import lever_catalogue, plan_of, scenario_title
from hallplan.page.state import PlanChoice
from hallplan.page.text import plain, say
from hallplan.show.words import in_language, pool_title

__all__ = ["changes_in_words"]


def changes_in_words(choice: PlanChoice, letter: str) -> str:
    """Say what a plan starts from and what has been changed, as Markdown."""
    language = messages.language()
    base = plain(scenario_title(choice.base, language))
    changes = say("semicolon").join(_changes(choice)) if choice.changes else say("changes.none")
    return say("changes.plan", plan=letter, base=base, changes=changes)


def _changes(choice: PlanChoice) -> list[str]:
    language, catalogue = messages.language(), lever_catalogue()

    def lever_title(name: str) -> str:
        return plain(in_language(catalogue[name].spec.title, name))

    parts = [say("changes.on", lever=lever_title(lever.name)) for lever in choice.on]
    parts += [say("changes.off", lever=lever_title(name)) for name in choice.off if name in catalogue]
    try:
        plan = plan_of(choice)
        parts += [
            say("changes.staff", pool=plain(pool_title(plan.scenario, pool, language)), servers=servers)
            for pool, servers in choice.staff
            if pool not in plan.idle
        ]
    except HallplanError:
        parts += [say("changes.staff", pool=plain(pool), servers=servers) for pool, servers in choice.staff]
    if choice.demand != 1.0:
        parts.append(say("changes.demand", factor=choice.demand))
    return parts
