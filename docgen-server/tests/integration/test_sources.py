async def test_an_address_is_judged_before_anything_is_fetched(docgen):
    for url in ("http://example.com/x.git", "https://10.0.0.1/x.git", "git://h/x", "ext::sh -c id"):
        assert await docgen.refused("POST", "/sources/check", json={"url": url}) == "url_not_allowed"
    body = {"url": "https://93.184.215.14/x.git", "ref": "a..b"}
    assert await docgen.refused("POST", "/sources/check", json=body) == "invalid_ref"
    assert await docgen.call("POST", "/sources/check", json={"url": "https://93.184.215.14/x.git", "ref": "main"}) == {}
