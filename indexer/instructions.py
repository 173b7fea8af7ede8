"""The instruction that a query goes under, chosen by what is searched."""

from dataclasses import dataclass
from pathlib import Path

from indexer.document import Kind
from indexer.extract.kinds import kind_of
from indexer.query import Filters
from indexer.results import Subject
from indexer.settings import Settings
from model.embedder import SEARCH_TASK

# as the makers of Qwen3-Embedding evaluate it on code, their grammar included
CODE_TASK = "Given a question about coding, retrieval code or passage that can solve user's question"
MAIL_TASK = "Given a search query, retrieve relevant e-mail messages that answer the query"


@dataclass(frozen=True, slots=True)
class Instructions:
    """A sentence for each subject, in English whatever the language of the query; an empty one is the default."""

    files: str = ""
    code: str = ""
    mail: str = ""

    @classmethod
    def of(cls, settings: Settings) -> "Instructions":
        """What the user chose."""
        return cls(settings.task_files, settings.task_code, settings.task_mail)

    def task(self, subject: Subject) -> str:
        """The instruction for a subject, in one line."""
        own = {Subject.FILES: self.files, Subject.CODE: self.code, Subject.MAIL: self.mail}[subject]
        return " ".join(own.split()) or DEFAULTS[subject]


DEFAULTS = {Subject.FILES: SEARCH_TASK, Subject.CODE: CODE_TASK, Subject.MAIL: MAIL_TASK}
_SUBJECTS = {Kind.CODE: Subject.CODE, Kind.NOTEBOOK: Subject.CODE, Kind.MAIL: Subject.MAIL}


def subject_of(only: Filters) -> Subject:
    """What is searched where everything else is filtered out: code, mail, or files of any kind."""
    kinds = only.kinds or [kind_of(Path(f"x.{suffix}")) or Kind.OTHER for suffix in only.suffixes]
    subjects = {_SUBJECTS.get(kind, Subject.FILES) for kind in kinds}
    return subjects.pop() if len(subjects) == 1 else Subject.FILES
