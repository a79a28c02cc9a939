import base64

import pytest

from docgen_server.core.errors import GitUnreachable, InvalidRef, UrlNotAllowed
from docgen_server.core.git.address import AddressPolicy, check_ref

NAMES = {
    "good.example": ["93.184.216.34"],
    "six.example": ["2606:2800:220:1::1"],
    "inside.example": ["10.0.0.5"],
    "mixed.example": ["93.184.216.34", "10.0.0.5"],
    "git.corp": ["10.1.2.3"],
    "localhost": ["127.0.0.1"],
    "0x7f.1": ["127.0.0.1"],
    "nowhere.example": [],
}


async def resolve(host, port):
    return NAMES[host]


def policy(**options):
    return AddressPolicy(**({"allowed_hosts": frozenset(), "allow_local": False, "resolve": resolve} | options))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::ffff:a9fe:a9fe]/x.git",
        "https://[::1]/",
        "https://[fd00::1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::1]/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://127.1/",
        "https://0/",
        "https://localhost./",
        "https://localhost/",
        "https://qdrant:6333/",
        "https://good.example\\@127.0.0.1:6333/",
        "https://127.0.0.1:6379#@good.example/",
        "https://good.example%2f@10.0.0.1/",
        "https://inside.example/x",
        "https://mixed.example/x",
        "http://good.example/x",
        "file:///etc/passwd",
        "/etc",
        "../other-tenant",
        "git://h/x",
        "ssh://-oProxyCommand=x/",
        "git@github.com:a/b.git",
        'ext::sh -c "id>CANARY"',
        "EXT::sh -c id",
        "fd::17",
        "transport::address",
        "--upload-pack=id",
        "-u./x",
        "https://good.example/x\n[core]",
        "https://good.example",
        "https://good.example/ x",
        "https://good.example/" + "x" * 3000,
        "",
    ],
)
async def test_addresses_that_are_not_public_https_are_refused(url):
    with pytest.raises(UrlNotAllowed):
        await policy().check(url)


async def test_a_public_address_is_pinned_to_what_was_checked():
    address = await policy().check("https://Good.Example/team/x.git")

    assert address.url == "https://good.example/team/x.git"
    assert address.configuration["http.curloptResolve"] == "good.example:443:93.184.216.34"
    assert address.configuration["http.followRedirects"] == "false"
    assert address.environment()["GIT_ALLOW_PROTOCOL"] == "https"


async def test_an_ipv6_address_is_pinned_in_brackets():
    address = await policy().check("https://six.example:8443/x")

    assert address.url == "https://six.example:8443/x"
    assert address.configuration["http.curloptResolve"] == "six.example:8443:[2606:2800:220:1::1]"


async def test_credentials_leave_the_url_for_a_header_of_this_fetch():
    address = await policy().check("https://user:s3cr%40t@good.example/x")

    assert "s3cr" not in address.url
    assert "s3cr" not in repr(address)
    expected = base64.b64encode(b"user:s3cr@t").decode()
    assert address.configuration["http.extraHeader"] == f"Authorization: Basic {expected}"


async def test_a_token_alone_is_a_user_without_password():
    address = await policy().check("https://token@good.example/x")

    assert address.configuration["http.extraHeader"].endswith(base64.b64encode(b"token:").decode())


async def test_hosts_that_an_operator_names_may_be_private_and_plain():
    named = policy(allowed_hosts=frozenset({"git.corp"}))

    assert (await named.check("http://git.corp/x")).protocols == "http"
    assert (await named.check("https://git.corp/x")).url == "https://git.corp/x"
    with pytest.raises(UrlNotAllowed):
        await named.check("https://inside.example/x")


async def test_local_repositories_are_read_only_where_allowed():
    assert (await policy(allow_local=True).check("file:///srv/x.git")).protocols == "file"


async def test_a_host_without_an_address_is_unreachable():
    with pytest.raises(GitUnreachable):
        await policy().check("https://nowhere.example/x")


@pytest.mark.parametrize("ref", ["main", "feature/x-1", "v1.2.3", "a" * 40, "gh-pages", "héllo"])
def test_names_of_branches_and_tags_are_taken(ref):
    assert check_ref(ref) == ref


@pytest.mark.parametrize(
    "ref",
    [
        "--upload-pack=id", "-u./x", "a..b", "@{-1}", "refs/../x", "main\n[core]", "x" * 5000, "a b", "a~1", "a^", "a:b",
        "a?", "a*", "a[", "a\\b", "/a", "a/", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "@", "a.", "a\x7f", "",
    ],
)  # fmt: skip
def test_what_git_would_not_call_a_ref_is_refused(ref):
    with pytest.raises(InvalidRef):
        check_ref(ref)
