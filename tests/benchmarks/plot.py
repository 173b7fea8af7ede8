"""Lines on two logarithmic axes, as SVG."""

import math
from collections.abc import Sequence

WIDTH, HEIGHT, MARGIN = 640, 400, 60
SERIES = (
    ("query p50, ms of processor", "both_ms", 2, "#1f6feb"),
    ("query p95, ms of processor", "both_ms", 3, "#8250df"),
    ("memory, MB", "memory_mb", None, "#bc4c00"),
    ("filled in, s of processor", "fill_processor_seconds", None, "#1a7f37"),
)


def draw(measures: Sequence[dict[str, object]]) -> str:
    """Time of a query, memory, and time to fill, against the number of chunks."""
    sizes = [float(one["chunks"]) for one in measures]  # type: ignore[arg-type]
    lines = [(label, colour, _values(measures, name, part)) for label, name, part, colour in SERIES]
    decades = _decades(sizes), _decades([1, *(value for _, _, values in lines for _, value in values)])

    def place(size: float, value: float) -> tuple[float, float]:
        across, up = (
            (math.log10(one) - low) / (high - low) for one, (low, high) in zip((size, value), decades, strict=True)
        )
        return MARGIN + across * (WIDTH - 2 * MARGIN), HEIGHT - MARGIN - up * (HEIGHT - 2 * MARGIN)

    fonts = 'font-family="sans-serif" font-size="12"'
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" {fonts}>']
    parts.append(f'<rect width="{WIDTH}" height="{HEIGHT}" fill="white"/>')
    for decade in range(decades[0][0], decades[0][1] + 1):
        x, y = place(10.0**decade, 10.0 ** decades[1][0])
        parts.append(f'<path d="M{x:.1f} {y:.1f}V{MARGIN}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{x:.1f}" y="{y + 18:.1f}" text-anchor="middle">{10**decade:,}</text>')
    for decade in range(decades[1][0], decades[1][1] + 1):
        x, y = place(10.0 ** decades[0][0], 10.0**decade)
        parts.append(f'<path d="M{x:.1f} {y:.1f}H{WIDTH - MARGIN}" stroke="#d0d7de"/>')
        parts.append(f'<text x="{x - 6:.1f}" y="{y + 4:.1f}" text-anchor="end">{10.0**decade:,g}</text>')
    for number, (label, colour, values) in enumerate(lines):
        points = " ".join("{:.1f},{:.1f}".format(*place(size, value)) for size, value in values)
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<text x="{MARGIN + 8}" y="{MARGIN - 48 + 14 * number}" fill="{colour}">{label}</text>')
    parts.append(f'<text x="{WIDTH / 2}" y="{HEIGHT - 16}" text-anchor="middle">chunks</text></svg>')
    return "\n".join(parts) + "\n"


def _decades(values: Sequence[float]) -> tuple[int, int]:
    low = math.floor(math.log10(min(values)))
    return low, max(low + 1, math.ceil(math.log10(max(values))))


def _values(measures: Sequence[dict[str, object]], name: str, part: int | None) -> list[tuple[float, float]]:
    known = [one for one in measures if name in one]
    return [
        (float(one["chunks"]), float(one[name] if part is None else one[name][part]))  # type: ignore[arg-type,index]
        for one in known
    ]
