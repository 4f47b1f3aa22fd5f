# SPDX-License-Identifier: Apache-2.0
import pytest

from sentinel import Sentinel


@pytest.fixture
def S(place, runtime):
    s = Sentinel(place.path / "S", runtime.path)
    yield s
    s.check()
