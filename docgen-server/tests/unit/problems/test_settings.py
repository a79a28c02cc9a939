from docgen_server.core.problems.settings import read_settings


def test_rules_are_switched_off_everywhere_and_by_path():
    settings = read_settings(
        '[problems]\nignore = ["todo"]\n[problems.paths]\n"old/**" = ["*"]\n"*.js" = ["long-function"]\n'
    )

    assert settings.ignores("todo", "a.py")
    assert settings.ignores("syntax-error", "old/x/a.py")
    assert settings.ignores("long-function", "web/a.js")
    assert not settings.ignores("long-function", "web/a.py")


def test_a_mistake_is_told_and_switches_nothing_off():
    for text in ("[problems", "problems = 3", "[problems]\nignore = 3", '[problems.paths]\n"a" = 3'):
        settings = read_settings(text)
        assert settings.mistake is not None
        assert not settings.ignores("todo", "a")


def test_other_settings_are_none_of_ours():
    assert read_settings('[docs]\nlocale = "ko"\n').mistake is None
