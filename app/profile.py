import sys
from pathlib import Path

import platformdirs


class ProfileError(Exception):
    """The profile folder can't be made or used; the message says what to do."""


def default_profile() -> Path:
    """Where a profile lies when the user names none."""
    return platformdirs.user_data_path("cognate", appauthor=False)


def prepare_profile(profile: Path) -> Path:
    """Create a profile folder that only its user can read. Raises ProfileError."""
    try:
        profile.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise ProfileError(
            f"the profile folder {profile} can't be used ({error.strerror}): choose another one with --profile DIR"
        ) from error
    return profile


def has_display(environment: dict[str, str]) -> bool:
    """Whether a window can be shown at all."""
    if sys.platform in ("win32", "darwin"):
        return True
    return any(environment.get(name) for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"))
