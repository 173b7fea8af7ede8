"""What states, counts, sizes and times are called, in the language of the interface."""

from __future__ import annotations

import re
from datetime import date, datetime, timedelta
from pathlib import Path

from PySide6.QtCore import QDate, QDateTime, QLocale, QObject

from app.reasons import reason_text
from indexer.results import Activity, FileState, FolderState, Status

LONE_BYTE = re.compile("[\ud800-\udfff]")  # of a name that is not UTF-8


class Wording(QObject):
    """A QObject for `tr`, which knows plural forms; any thread may ask it."""

    def files(self, count: int) -> str:
        """A number of files: 1 file, 2 files."""
        return self.tr("%Ln file(s)", "", count)

    def file_state(self, state: FileState) -> str:
        """The name of a state, as in a table."""
        return {
            FileState.INDEXED: self.tr("Indexed"),
            FileState.QUEUED: self.tr("Queued"),
            FileState.NO_TEXT: self.tr("No text"),
            FileState.EXCLUDED: self.tr("Excluded"),
            FileState.FAILED: self.tr("Failed"),
        }[state]

    def counted(self, state: FileState, count: int) -> str:
        """How many files are in a state, as part of a line."""
        return {
            FileState.INDEXED: self.tr("%Ln indexed", "", count),
            FileState.QUEUED: self.tr("%Ln queued", "", count),
            FileState.NO_TEXT: self.tr("%Ln without text", "", count),
            FileState.EXCLUDED: self.tr("%Ln excluded", "", count),
            FileState.FAILED: self.tr("%Ln failed", "", count),
        }[state]

    def folder_state(self, state: FolderState) -> str:
        """How changes in a folder are noticed."""
        return {
            FolderState.WATCHED: self.tr("Watched"),
            FolderState.POLLED: self.tr("Checked from time to time"),
            FolderState.STALE: self.tr("Not compared with the disk yet"),
            FolderState.ABSENT: self.tr("Not there now"),
        }[state]

    def activity(self, status: Status) -> str:
        """One line on what the engine does."""
        match status.activity:
            case Activity.STARTING:
                return self.tr("Starting…")
            case Activity.IDLE:
                return self.tr("Up to date")
            case Activity.SCANNING:
                return self.tr("Looking for changes…")
            case Activity.INDEXING:
                return self._indexing(status)
            case Activity.ERASING:
                return self.tr("Erasing what was forgotten…")
            case Activity.PAUSED:
                return self.tr("Paused: {reason}").format(reason=reason_text(status.detail))
            case Activity.STOPPED:
                return self.tr("Stopped: {reason}").format(reason=reason_text(status.detail))

    def last_indexed(self, status: Status, now: datetime) -> str:
        """The file that was indexed last and when; empty when there is none."""
        if status.last_indexed is None or status.last_indexed_at is None:
            return ""
        at = moment(status.last_indexed_at, now)
        return self.tr("Last indexed: {name}, {time}").format(name=shown(status.last_indexed.name), time=at)

    def remaining(self, seconds: float) -> str:
        """A duration as one says it: no more exact than it can be known."""
        if seconds < 50:
            return self.tr("less than a minute left")
        if seconds < 3600:
            return self.tr("%Ln minute(s) left", "", round(seconds / 60))
        return self.tr("%Ln hour(s) left", "", round(seconds / 3600))

    def long(self, seconds: float) -> str:
        """A duration of minutes, hours or days, no more exact than it can be known."""
        if seconds < 5400:
            return self.tr("%Ln minute(s)", "", max(1, round(seconds / 60)))
        if seconds < 48 * 3600:
            return self.tr("%Ln hour(s)", "", round(seconds / 3600))
        return self.tr("%Ln day(s)", "", round(seconds / 86400))

    def day(self, then: date, today: date) -> str:
        """Today and yesterday by name, any other day by its date."""
        if then == today:
            return self.tr("today")
        if then == today - timedelta(days=1):
            return self.tr("yesterday")
        return QLocale().toString(QDate(then.year, then.month, then.day), QLocale.FormatType.ShortFormat)

    def _indexing(self, status: Status) -> str:
        queued, space, seconds = status.files.get(FileState.QUEUED, 0), status.filling, status.eta_seconds
        if space is not None:
            percent = QLocale().toString(100 * space.chunks // space.total)
            line, seconds = self.tr("Preparing the model: {percent} %").format(percent=percent), space.eta_seconds
        elif queued or status.done:
            total = status.done + queued
            line = self.tr("Indexing {done} of {total}").format(
                done=QLocale().toString(min(status.done + 1, total)), total=QLocale().toString(total)
            )
        else:
            line = self.tr("Putting the index in order…")
        return line if seconds is None else f"{line} · {self.remaining(seconds)}"


wording = Wording()


def size_text(size_bytes: int) -> str:
    """Bytes as "1.2 MB"."""
    return QLocale().formattedDataSize(
        size_bytes, 1 if size_bytes >= 1000 else 0, QLocale.DataSizeFormat.DataSizeSIFormat
    )


def moment(seconds: float, now: datetime) -> str:
    """A time today as "14:05", any other as "yesterday" or a date."""
    then = datetime.fromtimestamp(seconds)
    if then.date() == now.date():
        return QLocale().toString(QDateTime.fromSecsSinceEpoch(int(seconds)).time(), QLocale.FormatType.ShortFormat)
    return wording.day(then.date(), now.date())


def shown(text: str) -> str:
    """A name as it can be shown: Qt would leave out the bytes of it that are no text."""
    return LONE_BYTE.sub("\ufffd", text)


def path_text(path: Path) -> str:
    """A path with the home folder as "~"."""
    home = Path.home()
    is_below = path.is_relative_to(home) and path != home
    return shown(f"~/{path.relative_to(home).as_posix()}" if is_below else str(path))
