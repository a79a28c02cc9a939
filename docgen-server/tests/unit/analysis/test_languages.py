import pytest

from codemuse.contracts.common import Language
from docgen_server.core.analysis.analyser import analyse_file
from docgen_server.core.analysis.languages import language_of

SAMPLES = {
    Language.JAVASCRIPT: (
        (
            "import a from './x'\nconst z = require('y')\n\n/** Adds. */\nexport function f(a) { if (a) {} }\n"
            "class C extends D {\n  m() {}\n  p = () => {}\n}\nconst g = (a) => a\napp.use = function use() {}\n"
            "export * from './q'\n"
        ),
        {"f": "function", "C": "class", "C.m": "method", "C.p": "method", "g": "function", "app.use": "method"},
        ["./x", "y", "./q"],
    ),
    Language.TYPESCRIPT: (
        (
            "import type {A} from './a'\ninterface I { x(): void }\ntype T = {a: number}\nenum E {A}\n"
            "abstract class C<T> {\n  private m(a: string): void {}\n  abstract q(): void\n}\n"
            "export const f = async (a: number): Promise<void> => {}\n"
        ),
        {"I": "interface", "T": "type", "E": "enum", "C": "class", "C.m": "method", "C.q": "method", "f": "function"},
        ["./a"],
    ),
    Language.TSX: (
        "export const App = () => {\n  return <div/>\n}\n",
        {"App": "function"},
        [],
    ),
    Language.ZIG: (
        (
            '//! Doc.\nconst std = @import("std");\nconst item = @import("item.zig");\n/// A cart.\npub const Cart = struct {\n'
            "    pub fn add(self: *Cart) void {}\n};\nconst Kind = enum { a, b };\nfn helper() void {}\n"
        ),
        {"Cart": "struct", "Cart.add": "method", "Kind": "enum", "helper": "function"},
        ["std", "item.zig"],
    ),
    Language.HASKELL: (
        (
            "module Shop where\nimport qualified Data.Map as M\nimport Shop.Item (Item)\n\ndata Cart = Cart Int\ntype Name = String\n"
            "class Sells a where\n  sell :: a -> Int\n\n-- | Adds.\nadd :: Item -> Cart -> Cart\nadd i c = helper i c\n\nhelper i c = c\n"
        ),
        {"Cart": "struct", "Name": "type", "Sells": "interface", "add": "function", "helper": "function"},
        ["Data.Map", "Shop.Item"],
    ),
    Language.GO: (
        (
            'package a\n\nimport (\n\t"fmt"\n\tx "net/http"\n)\n\n// F adds.\nfunc F(a int) error { return nil }\n'
            "func (e *Engine) Use() {}\ntype Engine struct { a int }\ntype I interface { M() }\nconst A = 1\n"
        ),
        {"F": "function", "Engine.Use": "method", "Engine": "struct", "I": "interface", "A": "constant"},
        ["fmt", "net/http"],
    ),
    Language.JAVA: (
        (
            "package a.b;\nimport a.b.C;\n/** d */\npublic class D {\n  @Override public int f(int a) { return 1; }\n"
            "  D() {}\n}\ninterface I {}\nenum E { A }\n"
        ),
        {"D": "class", "D.f": "method", "D.D": "method", "I": "interface", "E": "enum"},
        ["a.b.C"],
    ),
    Language.RUST: (
        (
            "use crate::a::b;\nmod x;\n/// d\n#[derive(A)]\npub struct S { a: i32 }\nimpl<T> S<T> {\n    pub fn f(&self) {}\n}\n"
            "trait Tr { fn g(); }\nenum E { A }\n"
        ),
        {"S": "struct", "S.f": "method", "Tr": "trait", "Tr.g": "method", "E": "enum"},
        ["crate::a::b", "x"],
    ),
    Language.C: (
        (
            '#include "a.h"\n#include <b.h>\n#define X 1\nint f(int a) { return 1; }\nstatic char *g(void) { return 0; }\n'
            "struct S { int a; };\n"
        ),
        {"X": "constant", "f": "function", "g": "function", "S": "struct"},
        ["a.h", "b.h"],
    ),
    Language.CPP: (
        (
            "namespace n {\nclass C : public D {\npublic:\n  int f(int a) { return 1; }\n};\n}\nvoid n::C::g() {}\n"
            "template<class T> T h(T a) { return a; }\n"
        ),
        {"n": "module", "n.C": "class", "n.C.f": "method", "n.C.g": "method", "h": "function"},
        [],
    ),
    Language.RUBY: (
        (
            "require 'a/b'\nrequire_relative 'x'\nmodule M\n  class A < B\n    X = 1\n    def f(a)\n      1\n    end\n"
            "    def self.g; end\n  end\nend\n"
        ),
        {"M": "module", "M.A": "class", "M.A.X": "constant", "M.A.f": "method", "M.A.g": "method"},
        ["a/b", "x"],
    ),
    Language.PHP: (
        "<?php\nuse X\\Y;\nrequire 'x.php';\nfunction f($a) {}\nclass C extends D {\n  public function m(): int { return 1; }\n}\n",
        {"f": "function", "C": "class", "C.m": "method"},
        ["X\\Y", "x.php"],
    ),
    Language.CSHARP: (
        "using A.B;\nnamespace X {\n  public class C : D {\n    public int F(int a) { return 1; }\n    public int P {get;set;}\n  }\n}\n",
        {"X": "module", "X.C": "class", "X.C.F": "method", "X.C.P": "property"},
        ["A.B"],
    ),
    Language.KOTLIN: (
        "import x.y.Z\nclass A(val x: Int) {\n  fun f(a: Int): Int { return 1 }\n}\nobject O {}\nfun top() = 3\n",
        {"A": "class", "A.f": "method", "O": "object", "top": "function"},
        ["x.y.Z"],
    ),
    Language.SWIFT: (
        (
            "import Foundation\npublic class A: B {\n  func f(_ a: Int) -> Int { return 1 }\n  init() {}\n}\n"
            "protocol P { func x() }\nextension A { func g() {} }\n"
        ),
        {"A": "class", "A.f": "method", "A.init": "method", "P": "protocol", "P.x": "method", "A.g": "method"},
        ["Foundation"],
    ),
    Language.SCALA: (
        "class A(x: Int) {\n  def f(a: Int): Int = 1\n}\nobject O { }\ntrait T { def z: Int }\n",
        {"A": "class", "A.f": "method", "O": "object", "T": "trait", "T.z": "method"},
        [],
    ),
    Language.ELIXIR: (
        'defmodule A.B do\n  alias X.Y\n  @doc "hi"\n  def f(a, b) do\n    1\n  end\n  defp g(x), do: x\nend\n',
        {"A.B": "module", "A.B.f": "function", "A.B.g": "function"},
        ["X.Y"],
    ),
    Language.LUA: (
        "local x = require('a.b')\n-- doc\nfunction M.f(a) end\nlocal function g() end\nM.z = function() end\n",
        {"M.f": "method", "g": "function", "M.z": "method"},
        ["a.b"],
    ),
    Language.BASH: (
        "source ./lib.sh\nfoo() {\n  echo 1\n}\nX=1\n",
        {"foo": "function", "X": "variable"},
        ["./lib.sh"],
    ),
}


@pytest.mark.parametrize("language", SAMPLES, ids=str)
def test_definitions_and_imports_of_each_language_are_found(language):
    source, symbols, imports = SAMPLES[language]

    facts = analyse_file("a/b", language, source.encode())

    found = {item.qualified_name: item.kind for item in facts.definitions}
    assert symbols.items() <= found.items()
    assert [item.target for item in facts.imports] == imports
    assert facts.warnings == []


@pytest.mark.parametrize("language", SAMPLES, ids=str)
def test_rubbish_in_any_language_is_survived(language):
    facts = analyse_file("a/b", language, b"((((}}}} \x00 def class func { " * 50 + b"\n" + bytes(range(32, 127)) * 20)

    assert facts.reason is None
    assert facts.line_count == 2


@pytest.mark.parametrize("language", SAMPLES, ids=str)
def test_a_file_of_lonely_brackets_is_read_as_lines_in_no_time(language):
    facts = analyse_file("a/b", language, b"{[(\n" * 30_000)

    assert facts.reason is None
    assert facts.warnings[0].startswith("unbalanced:")
    assert facts.chunks


def test_a_doc_comment_and_an_attribute_belong_to_the_definition_below():
    source = "use a;\n\n/// Counts.\n#[derive(A)]\npub struct S { a: i32 }\n"

    definition = analyse_file("a.rs", Language.RUST, source.encode()).definitions[0]

    assert (definition.start_line, definition.line, definition.end_line) == (3, 5, 5)
    assert definition.doc == "Counts."
    assert definition.visibility == "public"
    assert definition.signature == "pub struct S"


def test_a_remark_behind_code_is_no_doc_comment():
    source = "const a = 1 // first\nfunction f() {}\n"

    function = next(d for d in analyse_file("a.js", Language.JAVASCRIPT, source.encode()).definitions if d.name == "f")

    assert function.doc == ""
    assert function.start_line == 2


@pytest.mark.parametrize("language", [Language.JAVASCRIPT, Language.TYPESCRIPT])
@pytest.mark.parametrize(
    ("source", "doc"),
    [
        ("let a\n/**\n * Starts.\n */\n\nfunction f() {}\n", "Starts."),
        ("let a\n/**\n * Starts.\n */\n\napp.f = function f() {}\n", "Starts."),
        ("/**\n * Starts.\n * @param {int} a\n */\n\nfunction f(a) {}\n", "Starts.\n@param {int} a"),
        ("/**\n * What this file is for.\n */\n\nfunction f() {}\n", ""),
        ("let a\n/**\n * Far away.\n */\n\n\nfunction f() {}\n", ""),
        ("let a\n/* Only a remark. */\n\nfunction f() {}\n", ""),
        ("/**\n * Module dependencies.\n */\n\nvar f = require('f')\nfunction g() {}\n", None),
    ],
)
def test_a_doc_comment_of_javascript_reaches_its_function_across_an_empty_line(language, source, doc):
    found = [one for one in analyse_file("a.js", language, source.encode()).definitions if one.name == "f"]

    assert [one.doc for one in found if one.is_function] == ([] if doc is None else [doc])


def test_branches_count_for_the_function_they_are_in():
    source = "function a() { if (x) {} }\nfunction b() { for (;;) { if (x) {} } }\n"

    facts = analyse_file("a.js", Language.JAVASCRIPT, source.encode())

    assert {item.name: item.complexity for item in facts.definitions} == {"a": 2, "b": 3}


def test_go_tells_visibility_by_the_first_letter():
    facts = analyse_file("a.go", Language.GO, b"package a\nfunc Open() {}\nfunc shut() {}\n")

    assert {item.name: item.visibility for item in facts.definitions} == {"Open": "public", "shut": "private"}


@pytest.mark.parametrize(
    ("language", "source", "name", "visibility"),
    [
        (Language.TYPESCRIPT, "class C { protected m() {} }", "m", "protected"),
        (Language.RUST, "fn f() {}", "f", "private"),
        (Language.C, "static int f(void) { return 1; }", "f", "private"),
        (Language.ELIXIR, "defmodule A do\n  defp g(x), do: x\nend", "g", "private"),
        (Language.JAVASCRIPT, "function _f() {}", "_f", "private"),
    ],
)
def test_visibility_is_read_as_the_language_writes_it(language, source, name, visibility):
    facts = analyse_file("a", language, source.encode())

    assert next(item for item in facts.definitions if item.name == name).visibility == visibility


def test_the_comment_at_the_top_documents_the_module_unless_it_is_a_licence():
    documented = analyse_file("a.js", Language.JAVASCRIPT, b"#!/usr/bin/env node\n// Starts things.\n\nlet a = 1\n")
    licensed = analyse_file("a.js", Language.JAVASCRIPT, b"/* Copyright 2020 */\nlet a = 1\n")

    assert documented.doc == "Starts things."
    assert licensed.doc == ""


@pytest.mark.parametrize(
    ("path", "head", "language"),
    [
        ("a/b.py", b"", Language.PYTHON),
        ("x.TSX", b"", Language.TSX),
        ("Makefile", b"", Language.TEXT),
        ("Dockerfile.dev", b"", Language.TEXT),
        ("README", b"", Language.TEXT),
        ("bin/run", b"#!/usr/bin/env python3\n", Language.PYTHON),
        ("bin/run", b"#!/bin/sh\n", Language.BASH),
        ("bin/run", b"\x7fELF", None),
        ("photo.png", b"", None),
    ],
)
def test_the_language_is_told_by_name_or_first_line(path, head, language):
    assert language_of(path, head) == language


@pytest.mark.parametrize(
    ("language", "source", "names"),
    [
        (
            Language.CPP,
            "bool operator<<(V a, V b) { return a; }\nauto operator<=>(V a, V b) { return 0; }\nstruct V { void operator()(int a) {} };\n",
            {"operator<<", "operator<=>", "V.operator()", "V"},
        ),
        (
            Language.RUBY,
            "class Money\n  def <=>(other)\n  end\n  def <<(item)\n  end\nend\n",
            {"Money", "Money.<=>", "Money.<<"},
        ),
    ],
)
def test_an_operator_keeps_its_signs(language, source, names):
    facts = analyse_file("a/b", language, source.encode())
    assert {definition.qualified_name for definition in facts.definitions} == names
