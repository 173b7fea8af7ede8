from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """How much one file may cost."""

    seconds: float = 20  # of processor time: workers run at the lowest priority and may have to wait for it
    stall_seconds: float = 120  # of the clock, in which it neither comes nor computes (a dead network share)
    clock_seconds: float = 3600  # of the clock, whatever goes on (a share that gives some bytes a minute)
    memory_bytes: int = 1024 * MIB
    text_characters: int = 4_000_000
    table_characters: int = (
        500_000  # of a table or spreadsheet: past that it is numbers that nobody searches by meaning
    )
    archive_bytes: int = 256 * MIB  # what a zip or gzip may expand to
    file_bytes: int = 512 * MIB  # for formats that are read as a whole
    members: int = 5_000  # of an archive or a mailbox that are looked at
    member_bytes: int = 100 * MIB  # a larger one is known by its name
    members_bytes: int = 2048 * MIB  # all that an archive may expand to, with the archives in it
    members_characters: int = 16_000_000
    members_seconds: float = 300  # of processor time, for all of them; each has `seconds`
    depth: int = 3  # an archive in an archive in an archive
    expansion: int = 200  # times its own size, beyond the first 64 MB: more is a bomb
    ocr_languages: str = ""  # for Tesseract, like "deu+eng"; empty: text in pictures is not recognised
    ocr_pages: int = 2_000  # of one file

    @property
    def time_reason(self) -> str:
        """What is said of a file that takes too long to read."""
        return f"took longer than {self.seconds:g} s to read"

    @property
    def member_reason(self) -> str:
        """What is said of a member that is too large to be unpacked."""
        return f"is larger than the {self.member_bytes / MIB:g} MB that are unpacked"

    @property
    def memory_reason(self) -> str:
        """What is said of a file that takes too much memory to read."""
        if self.memory_bytes < 1024 * MIB:
            return f"needs more than {self.memory_bytes / MIB:g} MB of memory to read"
        return f"needs more than {self.memory_bytes / (1024 * MIB):.3g} GB of memory to read"
