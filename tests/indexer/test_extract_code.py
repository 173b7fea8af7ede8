"""Source code in all languages that have a grammar."""

import pytest

from indexer.chunk import Split, chunk
from indexer.extract.code import code_sections

PYTHON = '''import os

LIMIT = 3


class Library(Base):
    """Books."""

    size = 0

    @property
    def index(self) -> int:
        """Where a book is."""
        return self.size

    async def close(self):
        def inner():
            pass
        await inner()


# Opens a library.
# It may be empty.
def open_library(path):
    return Library(path)


if __name__ == "__main__":
    open_library("grün")
'''

SOURCES = {
    "python": PYTHON,
    "javascript": """
import x from 'y';
class Library {
  index(a) { return a; }
}
export function open(p) { return p; }
const close = (a) => {
  return a;
};
""",
    "typescript": """
interface Shelf { size: number }
export class Library {
  index(a: string): number { return 1; }
}
export const close = async (a: string) => { return a; };
namespace N { export function open() {} }
""",
    "tsx": """
export function Library() { return <div>{x}</div>; }
""",
    "java": """
package a;
public class Library {
  /** Doc. */
  public int index(int a) { return a; }
  Library() {}
}
""",
    "go": """
package a

// Library holds.
type Library struct { size int }

func (l *Library) Index() int { return 1 }

func Open() {}
""",
    "rust": """
use a;
struct Library { size: u8 }
impl Library {
  #[inline]
  pub fn index(&self) -> u8 { 1 }
}
mod m { fn open() {} }
""",
    "c": """
#include <a.h>
struct library { int size; };
static int *index_of(struct library *l) { return 0; }
#ifdef X
void open(void) {}
#endif
""",
    "cpp": """
namespace n {
class Library {
 public:
  int index(int a) { return a; }
};
template <class T> T open(T a) { return a; }
}
int n::Library::close() { return 0; }
""",
    "csharp": """
namespace N {
  public class Library {
    public int Index(int a) { return a; }
  }
}
""",
    "ruby": """
module N
  class Library
    def index(a)
      a
    end
    def self.open
    end
  end
end
""",
    "php": """
<?php
namespace N;
class Library {
  public function index($a) { return $a; }
}
function open() {}
""",
    "bash": """
set -e
open() {
  echo x
}
function close {
  echo y
}
""",
    "sql": """
CREATE TABLE library (id int);
SELECT 1;
CREATE VIEW books AS SELECT * FROM library;
""",
    "kotlin": """
class Library {
  fun index(a: Int): Int { return a }
}
fun open() {}
""",
    "swift": """
class Library {
  func index(a: Int) -> Int { return a }
}
func open() {}
""",
    "scala": """
class Library {
  def index(a: Int): Int = a
}
object Open {
  def now(): Unit = {}
}
""",
    "lua": """
local function open(a)
  return a
end
function library.index(a)
  return a
end
""",
}
NAMES = {
    "python": {"Library", "Library.index", "Library.close", "open_library"},
    "javascript": {"Library", "Library.index", "open", "close"},
    "typescript": {"Shelf", "Library", "Library.index", "close", "N", "N.open"},
    "tsx": {"Library"},
    "java": {"Library", "Library.index", "Library.Library"},
    "go": {"Library", "Index", "Open"},
    "rust": {"Library", "Library.index", "m", "m.open"},
    "c": {"library", "index_of", "open"},
    "cpp": {"n", "n.Library", "n.Library.index", "n.open", "n.Library.close"},
    "csharp": {"N", "N.Library", "N.Library.Index"},
    "ruby": {"N", "N.Library", "N.Library.index", "N.Library.open"},
    "php": {"Library", "Library.index", "open"},
    "bash": {"open", "close"},
    "sql": {"library", "books"},
    "kotlin": {"Library", "Library.index", "open"},
    "swift": {"Library", "Library.index", "open"},
    "scala": {"Library", "Library.index", "Open", "Open.now"},
    "lua": {"open", "library.index"},
}


@pytest.mark.parametrize("language", SOURCES)
def test_definitions_are_found_under_their_qualified_names(language: str) -> None:
    sections = code_sections(SOURCES[language], language)
    assert {".".join(section.headings) for section in sections if section.headings} == NAMES[language]


@pytest.mark.parametrize("language", SOURCES)
def test_sections_hold_the_whole_source(language: str) -> None:
    source = f"{SOURCES[language]}\n\n"
    sections = code_sections(source, language)
    assert "".join(source[section.start : section.end] for section in sections) == source
    assert {section.split for section in sections} == {Split.CODE}


def test_a_function_has_its_decorators_and_the_comment_above_it() -> None:
    texts = {
        ".".join(section.headings): PYTHON[section.start : section.end]
        for section in code_sections(PYTHON, "python")
        if section.headings
    }
    assert texts["Library.index"].lstrip("\n").startswith("    @property\n    def index(self)")
    assert texts["open_library"].startswith("# Opens a library.\n# It may be empty.\ndef open_library")


def test_one_line_methods_are_put_together_under_their_class() -> None:
    source = "class Harbour:\n" + "".join(f"    def boat_{number}(self): return {number}\n" for number in range(3))
    sections = code_sections(source, "python")
    assert [each.context for each in chunk(source, sections)] == ["Harbour"]


def test_offsets_are_of_characters_not_bytes() -> None:
    source = "# größer 会议\ndef first():\n    return 'ü'\n\n\ndef second():\n    pass\n"
    second = next(section for section in code_sections(source, "python") if section.headings == ("second",))
    assert source[second.start : second.end].startswith("def second")


def test_broken_code_is_one_stretch_or_more() -> None:
    source = "def ((((\nclass :\n\x00}}}} def x(:\n" * 50
    sections = code_sections(source, "python")
    assert "".join(source[section.start : section.end] for section in sections) == source


def test_minified_code_is_not_taken_apart() -> None:
    assert len(code_sections("function a(){return 1};" * 1000, "javascript")) == 1


def test_code_nested_without_end_does_no_harm() -> None:
    source = "namespace a {" * 3000 + "}" * 3000
    sections = code_sections("\n".join(source[start : start + 100] for start in range(0, len(source), 100)), "cpp")
    assert sections
