from pathlib import Path

from indexer.durable import make_folder
from model.errors import CognateError


class ProfileError(CognateError):
    """The profile folder can't be made or used; the message says what to do."""


def default_profile() -> Path:
    """Where a profile lies when the user names none."""
    import platformdirs  # here: most commands of a script name their profile

    return platformdirs.user_data_path("cognate", appauthor=False)


def prepare_profile(profile: Path) -> Path:
    """Create a profile folder that only its user can read. Raises ProfileError."""
    try:
        make_folder(profile, mode=0o700)
    except OSError as error:
        raise ProfileError(
            f"the profile folder {profile} can't be used ({error.strerror}): choose another one with --profile DIR"
        ) from error
    return profile
