"""Remembered values of slow functions: the same bits as asked anew, and no second call for the same numbers."""

import numpy as np
from scipy import special

from sim.draw.remembered import remembered

SHAPE = (2.0, 4.0)


def counting(calls):
    def function(a, b, u):
        calls.append(u.size)
        return special.betaincinv(a, b, u)

    return function


def test_values_have_the_bits_of_the_function():
    u = np.random.default_rng(1).random(500)
    for part in (u, u[::-1], u[100:400], np.repeat(u[:3], 2), u[:0]):
        values = remembered(special.betaincinv, SHAPE, part)
        assert values.tobytes() == special.betaincinv(*SHAPE, part).tobytes()


def test_only_new_numbers_are_worked_out():
    calls: list[int] = []
    function = counting(calls)
    remembered(function, SHAPE, np.array([0.1, 0.2, 0.3]))
    remembered(function, SHAPE, np.array([0.3, 0.4, 0.1]))
    assert calls == [3, 1]


def test_other_shapes_have_their_own_values():
    function = counting([])
    first, second = (remembered(function, shape, np.array([0.5])) for shape in ((2.0, 2.0), (2.0, 8.0)))
    assert first[0] == 0.5
    assert second[0] < 0.25


def test_a_large_call_is_not_remembered():
    calls: list[int] = []
    function, u = counting(calls), np.linspace(0.0, 1.0, 5_000)
    remembered(function, SHAPE, u)
    remembered(function, SHAPE, u)
    assert calls == [5_000, 5_000]
