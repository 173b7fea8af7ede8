import unicodedata
from dataclasses import dataclass
from typing import Any

Box = tuple[float, float, float, float]  # left, top, right, bottom in points of the page
ANCHORS = (24, 16, 12, 8)  # letters that fix where a passage begins or ends when it is not found as a whole
SURE = 16  # letters that are enough when the other end is not there


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
        start, opening = self._anchor(wanted[: ANCHORS[0]], 0, from_start=True)
        end, closing = self._anchor(wanted[-ANCHORS[0] :], max(start, 0), from_start=False)
        is_far = start >= 0 and end - start > 2 * len(wanted)
        if opening and closing and not is_far:
            return self._boxes(self.places[start], self.places[end + closing - 1])
        if opening >= SURE:  # it goes on on the next page
            last = min(start + len(wanted), len(self.letters)) - 1
            return self._boxes(self.places[start], self.places[last])
        if closing >= SURE:  # it came from the page before
            last = end + closing - 1
            return self._boxes(self.places[max(0, last + 1 - len(wanted))], self.places[last])
        return []

    def _anchor(self, text: str, near: int, from_start: bool) -> tuple[int, int]:
        """Where the longest possible beginning, or end, of some letters stands, and its length; (-1, 0) for nowhere."""
        for size in (size for size in ANCHORS if size <= len(text)):
            at = self.letters.find(text[:size] if from_start else text[-size:], near)
            if at >= 0:
                return at, size
        return -1, 0

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
