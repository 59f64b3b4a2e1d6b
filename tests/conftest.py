"""What holds for every test: property tests are judged by what they find, not by how fast a busy machine finds it."""

import uuid

import pytest
from hypothesis import settings

settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    """Store results in a folder of the test's own: no test sees what another one has simulated."""
    monkeypatch.setenv("HALLPLAN_CACHE_DIR", str(tmp_path_factory.getbasetemp() / f"cache-{uuid.uuid4().hex}"))
