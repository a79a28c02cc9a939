from textwrap import dedent

import pytest

from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.languages import language_of
from docgen_server.core.linking.file_links import pack_links, unpack_links
from docgen_server.core.linking.program import Program
from docgen_server.core.linking.resolve import PathIndex
from docgen_server.core.linking.symbol_graph import link_symbols


def _make_program(files, manifests=None):
    """Through the packed form, as in the service."""
    linked = {}
    for path, text in files.items():
        language = language_of(path)
        facts = analyse_file(path, language, dedent(text).encode())
        linked[path] = unpack_links(path, str(language), pack_links(facts))
    return Program(linked, PathIndex(frozenset([*files, *(manifests or {})]), manifests or {}))


def _edges_of(files, manifests=None):
    """Every link as ``(source, kind, target)``; a module is named by its path."""
    program = _make_program(files, manifests)
    name = lambda site: site.path if site.ordinal < 0 else program.definition(site).qualified_name  # noqa: E731
    return {(name(link.source), str(link.kind), name(link.target)): link for link in link_symbols(program).links}


@pytest.fixture
def make_program():
    return _make_program


@pytest.fixture
def edges_of():
    return _edges_of
