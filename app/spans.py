from bisect import bisect_left

Span = tuple[int, int]  # characters, the second one past the last


def utf16(text: str, spans: tuple[Span, ...]) -> tuple[Span, ...]:
    """The same spans as Qt counts them: two units for a character beyond the basic plane, an emoji for example."""
    wide = [at for at, character in enumerate(text) if character > "\uffff"] if not text.isascii() else []
    if not wide:
        return spans
    return tuple((start + bisect_left(wide, start), end + bisect_left(wide, end)) for start, end in spans)
