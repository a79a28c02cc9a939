"""A service does not start with a secret that somebody could guess."""

import pytest

from codemuse.settings import ServiceSettings, load_settings

GOOD = "0f3c9a7be1d24865a0b7c3d9e5f81246ab"


@pytest.mark.parametrize(
    "weak",
    ["", "short", "changeme-changeme-changeme-changeme", "a" * 64, "replace-this-with-32-random-bytes-please"],
)
def test_a_weak_secret_ends_the_process_with_its_name_but_not_its_value(
    weak: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", weak)
    with pytest.raises(SystemExit) as ended:
        load_settings(ServiceSettings)
    assert "SERVICE_TOKEN" in str(ended.value)
    assert not weak or weak not in str(ended.value)


def test_a_strong_secret_is_accepted_and_never_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_TOKEN", GOOD)
    settings = load_settings(ServiceSettings)
    assert settings.service_token.get_secret_value() == GOOD
    assert GOOD not in repr(settings)
