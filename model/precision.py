from enum import StrEnum


class Precision(StrEnum):
    """How many bits a weight takes on the device; fewer fit on smaller cards and change the vectors a little."""

    FULL = "full"  # 16 bits on an accelerator, 32 on a processor
    FP8 = "fp8"  # 8-bit floating point, which newer cards compute in
    EIGHT = "8-bit"
    FOUR = "4-bit"

    @property
    def bits(self) -> float | None:
        """Of one weight of a matrix, scales included; None where the number format decides."""
        return {Precision.FULL: None, Precision.FP8: 8.1, Precision.EIGHT: 8.1, Precision.FOUR: 4.5}[self]
