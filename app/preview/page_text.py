import unicodedata
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]  # left, top, right, bottom in points of the page
ANCHOR = 24  # letters that fix where a passage begins or ends when it is not found as a whole
MIN_ANCHOR = 8


@dataclass(frozen=True, slots=True)
class PageText:
    """The characters of one page with their places, and the letters among them as one run to search in."""

    number: int
    characters: tuple[str, ...]
    boxes: tuple[Box, ...]
    lines: tuple[int, ...]  # of each character
    letters: str  # letters and digits only, as `folded`
    places: tuple[int, ...]  # of each letter, its character

    @classmethod
    def of(cls, number: int, raw: dict[str, Any]) -> "PageText":
        """Take what PyMuPDF's "rawdict" gives for a page."""
        characters: list[str] = []
        boxes: list[Box] = []
        lines: list[int] = []
        all_lines = [line for block in raw["blocks"] for line in block.get("lines", ())]
        for row, line in enumerate(all_lines):
            for character in (c for span in line["spans"] for c in span["chars"]):
                characters.append(character["c"])
                boxes.append(tuple(character["bbox"]))
                lines.append(row)
        folded_characters = [(letter, at) for at, c in enumerate(characters) for letter in folded(c)]
        letters = "".join(letter for letter, _ in folded_characters)
        return cls(
            number, tuple(characters), tuple(boxes), tuple(lines), letters, tuple(at for _, at in folded_characters)
        )

    def find(self, text: str) -> list[Box]:
        """The boxes, one for each line, of a text on the page; line breaks, hyphens and ligatures do not matter.

        One that differs in its middle is taken to reach from where its beginning stands to where its end does.
        """
        wanted = folded(text)
        if not wanted:
            return []
        start = self.letters.find(wanted)
        if start >= 0:
            return self._boxes(self.places[start], self.places[start + len(wanted) - 1])
        return self._find_by_ends(wanted)

    def between(self, start: tuple[float, float], end: tuple[float, float]) -> tuple[str, list[Box]]:
        """What a drag from one point to another selects, in reading order."""
        if not self.characters:
            return "", []
        first, last = sorted((self._nearest(start), self._nearest(end)))
        text = [self.characters[first]]
        for at in range(first + 1, last + 1):
            if self.lines[at] != self.lines[at - 1]:
                text.append("\n")
            text.append(self.characters[at])
        return "".join(text), self._boxes(first, last)

    def _find_by_ends(self, wanted: str) -> list[Box]:
        size = min(ANCHOR, len(wanted) // 2)
        if size < MIN_ANCHOR:
            return []
        start = self.letters.find(wanted[:size])
        end = self.letters.find(wanted[-size:], max(start, 0))
        if start < 0 and end < 0:
            return []
        if end < 0:  # it goes on on the next page, or further down in other words
            end = min(start + len(wanted), len(self.letters)) - size
        elif start < 0 or end - start > 2 * len(wanted):
            start = max(0, end + size - len(wanted))
        return self._boxes(self.places[start], self.places[end + size - 1])

    def _boxes(self, first: int, last: int) -> list[Box]:
        boxes: dict[int, Box] = {}
        for at in range(first, last + 1):
            left, top, right, bottom = self.boxes[at]
            row = self.lines[at]
            if row in boxes:
                before = boxes[row]
                left, top = min(before[0], left), min(before[1], top)
                right, bottom = max(before[2], right), max(before[3], bottom)
            boxes[row] = (left, top, right, bottom)
        return list(boxes.values())

    def _nearest(self, point: tuple[float, float]) -> int:
        def distance(box: Box) -> float:
            aside = max(box[0] - point[0], 0, point[0] - box[2])
            above = max(box[1] - point[1], 0, point[1] - box[3])
            return aside + 4 * above  # a line's own characters before those of the next line

        return min(range(len(self.boxes)), key=lambda at: distance(self.boxes[at]))


def folded(text: str) -> str:
    """Letters and digits in their plainest form: what is left of a text however it is broken and typeset."""
    return "".join(c for c in unicodedata.normalize("NFKC", text).casefold() if c.isalnum())
