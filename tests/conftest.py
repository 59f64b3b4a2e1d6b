"""What holds for every test: property tests are judged by what they find, not by how fast a busy machine finds it.

The same tree gives the same verdict, on any machine: the examples follow from the test itself. New ones are sought by
`dev.py test --hypothesis-profile search` and by `dev.py fuzz`.
"""

import sys
import uuid

import pytest
from hypothesis import settings

settings.register_profile("same", deadline=None, derandomize=True)
settings.register_profile("search", deadline=None, max_examples=1000)
settings.load_profile("same")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """Store results in a folder of the test's own: no test sees what another one has simulated."""
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path_factory.getbasetemp() / f"cache-{uuid.uuid4().hex}"))


@pytest.fixture(autouse=True)
def _own_main_module(monkeypatch):
    """Put the main module back: Streamlit's tester leaves its script there, and a spawned process would run it."""
    monkeypatch.setitem(sys.modules, "__main__", sys.modules["__main__"])
