"""Source code: functions and classes under their qualified names."""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from indexer.chunk import Section, Split
from indexer.document import Kind
from indexer.extract.draft import Draft
from indexer.extract.kinds import CODE_LANGUAGES
from indexer.extract.limits import Limits
from indexer.extract.plain import read_text
from indexer.extract.sniff import shebang_language

if TYPE_CHECKING:
    from tree_sitter import Node

_MAX_PARSED = 1_500_000  # characters; more than that in one file is generated
_MAX_LINE = 5_000  # minified
_MAX_DEPTH = 30
_WITH_BODY = ("_specifier", "namespace_definition")  # without one, they only name something
_FUNCTIONS = frozenset(
    "function_definition function_declaration generator_function_declaration method_definition method_declaration "
    "constructor_declaration destructor_declaration operator_declaration function_item macro_definition method "
    "singleton_method create_table create_view create_function create_procedure create_trigger create_type "
    "create_materialized_view local_function_statement secondary_constructor".split()
)
_CONTAINERS = frozenset(
    "class_definition class_declaration abstract_class_declaration interface_declaration enum_declaration "
    "record_declaration struct_declaration annotation_type_declaration impl_item trait_item mod_item struct_item "
    "enum_item union_item class_specifier struct_specifier union_specifier enum_specifier namespace_definition "
    "namespace_declaration internal_module module class object_declaration object_definition trait_declaration "
    "trait_definition protocol_declaration type_spec companion_object".split()
)
_WRAPPERS = frozenset(
    "decorated_definition export_statement declaration_list class_body body_statement template_declaration "
    "linkage_specification preproc_ifdef preproc_if preproc_else preproc_elif field_declaration_list interface_body "
    "enum_body enum_body_declarations ambient_declaration statement block type_declaration statement_block "
    "expression_statement template_body enum_class_body declaration".split()
)
_VARIABLES = frozenset({"lexical_declaration", "variable_declaration"})
_FUNCTION_VALUES = frozenset({"arrow_function", "function_expression", "function", "generator_function", "class"})
_LEADING = frozenset(
    {"comment", "line_comment", "block_comment", "attribute_item", "doc_comment", "attribute", "attribute_list"}
)
_IDENTIFIERS = re.compile(r"identifier$|^constant$|^name$|^word$|operator_name$|destructor_name$|object_reference$")


@dataclass(frozen=True, slots=True)
class _Definition:
    start: int  # byte offset of its first line, comments before it included
    end: int
    path: tuple[str, ...]


def read_code(path: Path, limits: Limits) -> Draft:
    """A source file."""
    text, note = read_text(path, limits)
    language = CODE_LANGUAGES.get(path.suffix.lower())
    if language is None:
        language = shebang_language(text[:200].encode()) or ""
    return Draft(Kind.CODE, text, code_sections(text, language), "", note, numbered=path.suffix.lower() != ".gz")


def code_sections(text: str, language: str) -> tuple[Section, ...]:
    """Sections by definition in a tree-sitter language; one for everything where it has no grammar ("")."""
    whole = (Section(0, len(text), split=Split.CODE),)
    if not language or len(text) > _MAX_PARSED or max(map(len, text.split("\n"))) > _MAX_LINE:
        return whole
    from tree_sitter_language_pack import get_parser

    source = text.encode()
    tree = get_parser(language).parse(source)
    definitions = list(_walk(tree.root_node, source, (), 0))
    return tuple(_partition(text, source, definitions)) or whole


def _partition(text: str, source: bytes, definitions: list[_Definition]) -> Iterator[Section]:
    """Definitions and what is between them; a class's section holds what is in it but not in its methods."""
    events = sorted({0, len(source), *(d.start for d in definitions), *(d.end for d in definitions)})
    characters = dict(zip(events, _characters(source, events), strict=True))
    inner = sorted(definitions, key=lambda d: (d.start, -d.end))
    open_definitions: list[_Definition] = []
    following = iter([*inner, None])
    upcoming = next(following)
    for start, end in itertools.pairwise(events):
        open_definitions = [d for d in open_definitions if d.end > start]
        while upcoming and upcoming.start <= start:
            open_definitions.append(upcoming)
            upcoming = next(following)
        path = open_definitions[-1].path if open_definitions else ()
        yield Section(characters[start], characters[end], path, split=Split.CODE, joint=".")


def _characters(source: bytes, offsets: list[int]) -> Iterator[int]:
    """Byte offsets, in order, as character offsets."""
    count = 0
    for before, offset in itertools.pairwise([0, *offsets]):
        count += len(source[before:offset].decode("utf-8", "replace"))
        yield count


def _walk(node: "Node", source: bytes, path: tuple[str, ...], depth: int) -> Iterator[_Definition]:
    leading: int | None = None
    previous_end = -2
    for child in node.children:
        if child.type in _LEADING:
            if leading is None or child.start_point[0] > previous_end + 1:
                leading = child.start_byte
            previous_end = _last_row(child)
            continue
        start = leading if leading is not None and child.start_point[0] <= previous_end + 1 else child.start_byte
        yield from _definitions(child, source, path, _line_start(source, start), depth)
        leading = None


def _definitions(node: "Node", source: bytes, path: tuple[str, ...], start: int, depth: int) -> Iterator[_Definition]:
    if depth > _MAX_DEPTH or not node.is_named:
        return
    is_function = node.type in _FUNCTIONS or (node.type in _VARIABLES and _holds_function(node))
    is_container = node.type in _CONTAINERS and (
        node.child_by_field_name("body") is not None or not node.type.endswith(_WITH_BODY)
    )
    if is_function or is_container:
        name = _name(node)
        if not name:
            return
        inner = (*path, *name.split("."))
        yield _Definition(start, _line_end(source, node.end_byte), inner)
        if is_container:
            yield from _members(node, source, inner, depth)
    elif node.type in _WRAPPERS:
        first = True
        for definition in _walk(node, source, path, depth + 1):
            if first and definition.path[:-1] == path:  # decorators, `export`, `template<...>` belong to it
                definition = (
                    _Definition(min(start, definition.start), definition.end, definition.path)
                    if _wraps(node)
                    else definition
                )
            first = False
            yield definition


def _wraps(node: "Node") -> bool:
    return node.type in {
        "decorated_definition",
        "export_statement",
        "template_declaration",
        "statement",
        "type_declaration",
        "ambient_declaration",
    }


def _members(node: "Node", source: bytes, path: tuple[str, ...], depth: int) -> Iterator[_Definition]:
    for child in node.children:
        if child.type in _WRAPPERS or child.type in {"body", "compound_statement"}:
            yield from _walk(child, source, path, depth + 1)
    if node.type in {"class", "module"}:  # Ruby: members may be direct children
        yield from (each for child in node.children for each in _direct(child, source, path, depth))


def _direct(node: "Node", source: bytes, path: tuple[str, ...], depth: int) -> Iterator[_Definition]:
    if node.type in _FUNCTIONS:
        yield from _definitions(node, source, path, _line_start(source, node.start_byte), depth + 1)


def _holds_function(node: "Node") -> bool:
    declarators = [child for child in node.named_children if child.type == "variable_declarator"]
    value = declarators[0].child_by_field_name("value") if len(declarators) == 1 else None
    return value is not None and value.type in _FUNCTION_VALUES


def _name(node: "Node") -> str:
    """The name that a definition declares, "" for none."""
    found = node.child_by_field_name("name") or (node.child_by_field_name("type") if node.type == "impl_item" else None)
    if found is None:
        inner = node.child_by_field_name("declarator") or next(
            (
                child
                for child in node.named_children
                if child.type in {"variable_declarator"} or _IDENTIFIERS.search(child.type)
            ),
            None,
        )
        for _ in range(_MAX_DEPTH):
            if inner is None or _IDENTIFIERS.search(inner.type):
                break
            inner = (
                inner.child_by_field_name("declarator")
                or inner.child_by_field_name("name")
                or next(iter(inner.named_children), None)
            )
        found = inner
    if found is None or found.text is None:
        return ""
    return re.sub(r"\s*(?:::|\\)\s*", ".", " ".join(found.text.decode("utf-8", "replace").split())).strip(".")[:100]


def _last_row(node: "Node") -> int:
    """The row of its last character; a line comment may reach to the start of the next line."""
    row, column = node.end_point
    return row - 1 if column == 0 and row > node.start_point[0] else row


def _line_start(source: bytes, offset: int) -> int:
    """Where the line begins, if only white space precedes on it."""
    start = source.rfind(b"\n", 0, offset) + 1
    return start if not source[start:offset].strip() else offset


def _line_end(source: bytes, offset: int) -> int:
    end = source.find(b"\n", offset)
    end = len(source) if end < 0 else end + 1
    return end if end - offset < 200 and not source[offset:end].strip(b" \t\r\n;,)}") else offset
