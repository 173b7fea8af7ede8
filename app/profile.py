from pathlib import Path

from model.errors import CognateError

NOTE = ".moved-to"  # in the folder of a profile that was moved: where it is now
MOST_MOVES = 20  # from one place to the next


class ProfileError(CognateError):
    """The profile folder can't be made or used; the message says what to do."""


def default_profile() -> Path:
    """Where a profile lies when the user names none."""
    import platformdirs  # here: most commands of a script name their profile

    return platformdirs.user_data_path("cognate", appauthor=False)


def located(profile: Path) -> Path:
    """Where a profile is now, which may have been moved. Raises ProfileError: the disk it was moved to is not there."""
    for _ in range(MOST_MOVES):
        target = target_of(profile)
        if target is None:
            return profile
        if not target.is_dir() or not any(target.iterdir()):
            raise ProfileError(
                f"the profile was moved to {target}, which is not there: plug in its disk, or name another one with "
                f"--profile DIR. To begin anew in the old place, delete {profile / NOTE}"
            )
        profile = target
    raise ProfileError(f"{profile}: the notes on where the profile is lead in a circle: delete {profile / NOTE}")


def target_of(profile: Path) -> Path | None:
    """Where a profile was moved; None when it is where it was."""
    try:
        return Path((profile / NOTE).read_text(encoding="utf-8", errors="surrogateescape"))
    except OSError:
        return None


def prepare_profile(profile: Path) -> Path:
    """Create a profile folder that only its user can read. Raises ProfileError."""
    from indexer.durable import make_folder  # a command that a running instance answers does without

    try:
        make_folder(profile, mode=0o700)
    except OSError as error:
        raise ProfileError(
            f"the profile folder {profile} can't be used ({error.strerror}): choose another one with --profile DIR"
        ) from error
    return profile
