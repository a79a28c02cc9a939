"""A principal is trusted for a second, and not after anything was taken back."""

import pytest

from orchestrator.core import recent_principals
from orchestrator.core.principal import Principal
from orchestrator.core.recent_principals import TRUSTED_SECONDS, RecentPrincipals

ANNA = Principal("anna", "org", "member")


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def principals(clock):
    known = RecentPrincipals(clock)
    known.remember("cm_key", ANNA)
    return known


def test_the_same_credential_is_known_again(principals):
    assert principals.find("cm_key") == ANNA
    assert principals.find("cm_other") is None


def test_it_is_looked_up_again_after_a_second(principals, clock):
    clock.now += TRUSTED_SECONDS
    assert principals.find("cm_key") is None


def test_nobody_is_trusted_after_something_was_taken_back(principals):
    principals.forget()
    assert principals.find("cm_key") is None


def test_a_bounded_number_is_remembered(principals, monkeypatch):
    monkeypatch.setattr(recent_principals, "MOST_REMEMBERED", 2)
    principals.remember("second", ANNA)
    principals.remember("third", ANNA)
    assert principals.find("third") == ANNA
    assert principals.find("cm_key") is None
