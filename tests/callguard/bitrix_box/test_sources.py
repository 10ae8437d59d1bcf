"""The PHP files themselves: they parse, they are strict, and a PHP 7.4 can read them."""

from __future__ import annotations

import json
import subprocess

import pytest

from callguard.bitrix_box.package import HERE, sources

FILES = sorted(name for name in sources() if name.endswith(".php"))
# What came after 7.4, as today's tokenizer names it. T_STRING: by its text.
NEWER_TOKENS = {
    *("T_MATCH", "T_ENUM", "T_READONLY", "T_NULLSAFE_OBJECT_OPERATOR", "T_ATTRIBUTE"),
}
NEWER_WORDS = {
    *("str_contains", "str_starts_with", "str_ends_with", "get_debug_type", "get_resource_id", "array_is_list", "fdiv"),
    *("json_validate", "array_find", "array_any", "array_all", "mixed", "never", "WeakMap", "Stringable", "mb_trim"),
}
LISTING = """
$told = [];
foreach (token_get_all(file_get_contents($argv[1])) as $token) {
    $told[] = is_array($token) ? [token_name($token[0]), $token[1]] : ['', $token];
}
echo json_encode($told);
"""


def tokens_of(php: str, text_or_file: str) -> list[tuple[str, str]]:
    listed = subprocess.run([php, "-r", LISTING, text_or_file], capture_output=True, text=True, check=True).stdout
    return [
        (kind, text) for kind, text in json.loads(listed) if kind not in ("T_WHITESPACE", "T_COMMENT", "T_DOC_COMMENT")
    ]


def newer_than_74(tokens: list[tuple[str, str]]) -> list[str]:
    """What a PHP 7.4 would not understand, as far as single tokens and their neighbours tell."""
    found = [text for kind, text in tokens if kind in NEWER_TOKENS or (kind == "T_STRING" and text in NEWER_WORDS)]
    for (_k, first), (kind, second), (_l, third) in zip(tokens, tokens[1:], tokens[2:], strict=False):
        if first in ("(", ",") and kind in ("T_PUBLIC", "T_PRIVATE", "T_PROTECTED"):
            found.append("promoted property")
        if first in ("(", ",") and kind == "T_STRING" and third == ":":
            found.append(f"named argument {second}")
        if first in ("=>", "?", ":", "??", "fn") and kind == "T_THROW":
            found.append("throw as an expression")
        if first == "(" and second == "..." and third == ")":
            found.append("first-class callable")
        if kind == "T_STRING" and third == "|" and first in (":", "(", ",", "?", "public", "private", "protected"):
            found.append("union type")
    return found


@pytest.mark.parametrize("name", FILES)
def test_it_parses(php, name):
    done = subprocess.run([php, "-l", str(HERE / name)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", FILES)
def test_it_is_strict_and_prints_nothing_by_itself(php, name):
    text = (HERE / name).read_text()
    assert text.startswith("<?php\n")
    assert "?>" not in text
    code = [text for kind, text in tokens_of(php, str(HERE / name)) if kind != "T_OPEN_TAG"]
    assert code[:6] == ["declare", "(", "strict_types", "=", "1", ")"]


@pytest.mark.parametrize("name", FILES)
def test_a_php_of_2019_can_read_it(php, name):
    assert newer_than_74(tokens_of(php, str(HERE / name))) == []


@pytest.mark.parametrize(
    ("code", "what"),
    [
        ("$a?->b();", "?->"),
        ("echo match($a) { 1 => 2 };", "match"),
        ("class A { public function __construct(private int $b) {} }", "promoted property"),
        ("f(name: 1);", "named argument name"),
        ("$f = strlen(...);", "first-class callable"),
        ("function f(int|string $a) {}", "union type"),
        ("$a ?? throw new E();", "throw as an expression"),
        ("str_contains('a', 'b');", "str_contains"),
        ("function f(): never {}", "never"),
        ("final class A { public readonly int $b; }", "readonly"),
    ],
)
def test_the_test_sees_what_is_newer(php, tmp_path, code, what):
    (tmp_path / "newer.php").write_text(f"<?php\n{code}")
    assert what in newer_than_74(tokens_of(php, str(tmp_path / "newer.php")))


def test_files_are_small():
    assert {name: lines for name in FILES if (lines := len((HERE / name).read_text().splitlines())) > 130} == {}
