from pathlib import Path

from pygments.lexers import get_lexer_for_filename
from pygments.token import (
    Comment,
    Generic,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)
from pygments.util import ClassNotFound

from app.preview.content import Tokens

MAX_LEXED = 200_000  # characters: lexing is pure Python and holds the interpreter
ROLES: tuple[tuple[_TokenType, str], ...] = (
    (Comment, "comment"),
    (String, "string"),
    (Number, "number"),
    (Literal, "string"),
    (Keyword.Type, "type"),
    (Keyword, "keyword"),
    (Operator.Word, "keyword"),
    (Name.Function, "function"),
    (Name.Class, "type"),
    (Name.Decorator, "function"),
    (Name.Builtin, "builtin"),
    (Name.Tag, "keyword"),
    (Name.Attribute, "function"),
    (Name.Constant, "number"),
    (Generic.Heading, "keyword"),
    (Generic.Subheading, "keyword"),
)


def lex(path: Path, text: str) -> tuple[Tokens, ...]:
    """What to colour, line by line, in the first 200,000 characters; nothing for a file of no known language."""
    try:
        lexer = get_lexer_for_filename(path.name, stripnl=False, ensurenl=False)
    except ClassNotFound:
        return ()
    lines: list[list[tuple[int, int, str]]] = [[]]
    column = 0
    for kind, value in lexer.get_tokens(text[:MAX_LEXED]):
        role = _role(kind)
        for number, part in enumerate(value.split("\n")):
            if number:
                lines.append([])
                column = 0
            units = len(part) if part.isascii() else len(part.encode("utf-16-le")) // 2
            if role and units:
                lines[-1].append((column, units, role))
            column += units
    return tuple(tuple(line) for line in lines)


def _role(kind: _TokenType) -> str:
    return next((role for parent, role in ROLES if _is_within(kind, parent)), "")


def _is_within(kind: _TokenType, parent: _TokenType) -> bool:
    return tuple(kind[: len(parent)]) == tuple(parent)
