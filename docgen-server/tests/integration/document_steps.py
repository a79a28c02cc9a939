"""A small repository, and what tests do with its documents."""

FILES = {
    "shop/__init__.py": '"""A shop."""\n',
    "shop/cart.py": '"""Carts."""\nimport shop.item\n\n\ndef buy() -> None:\n    """Buys."""\n',
    "shop/item.py": "class Item:\n    pass\n",
    "README.md": "# The shop\n\nSells things to people who want them badly.\n",
    "docs/guide.rst": "Guide\n=====\n\nUse :func:`buy`.\n",
}


async def generate(docgen, files=FILES, *, repository_id="r1", **body):
    snapshot = await docgen.analysed(files, repository_id)
    reply = await docgen.call("POST", "/documents/generate", json={"snapshot_id": snapshot["id"], **body})
    return {**reply, "snapshot_id": snapshot["id"]}


async def counts(docgen, files=FILES, **body):
    reply = await generate(docgen, files, **body)
    return reply["rendered"], reply["unchanged"], reply["removed"]


async def listed(docgen, **params):
    page = await docgen.call("GET", "/documents", params={"repository_id": "r1", **params})
    return {document["path"]: document for document in page["items"]}


async def read(docgen, path, *, language="en", **params):
    identifier = (await listed(docgen, language=language))[path]["id"]
    return await docgen.call("GET", f"/documents/{identifier}", params=params)
