"""Keys of servers: in the keyring of the system, or in the environment, and nowhere else."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from model.errors import ModelError
from model.remote.errors import AccessError
from model.remote.server import origin_of

if TYPE_CHECKING:
    from keyring.backend import KeyringBackend

SERVICE = "Cognate"
VARIABLE = "COGNATE_SERVER_KEY_"  # followed by the name of the server


def variable_of(name: str) -> str:
    """The environment variable that may hold the key of a server."""
    return VARIABLE + re.sub(r"\W", "_", name, flags=re.ASCII).upper()


def key_from_environment(name: str) -> str:
    """The key that the environment holds for a server; empty when there is none."""
    return os.environ.get(variable_of(name), "").strip()


def find_key(name: str, url: str) -> str:
    """The key of a server. May ask the user to unlock the keyring, and waits for it.

    Raises:
        AccessError: there is none, or the keyring can't be read.
    """
    if key := key_from_environment(name):
        return key
    import keyring.errors

    try:
        key = _keyring(name).get_password(SERVICE, origin_of(url)) or ""
    except keyring.errors.KeyringError as error:
        raise AccessError(
            f"The key of {name} can't be read from the keyring ({type(error).__name__}). Unlock it, or set "
            f"{variable_of(name)}."
        ) from None
    if not key:
        raise AccessError(
            f"There is no key for {name} in the keyring. Connect it again with its key: cognate models connect "
            f"{url} --name {name} --key"
        )
    return key


def store_key(name: str, url: str, key: str) -> None:
    """Keep a key in the keyring, for all servers of its host and port.

    Raises:
        ModelError: there is no keyring, or it does not take the key.
    """
    import keyring.errors

    try:
        _keyring(name).set_password(SERVICE, origin_of(url), key)
    except keyring.errors.KeyringError as error:
        raise ModelError(
            f"The keyring did not take the key ({type(error).__name__}). Unlock it, or set {variable_of(name)}."
        ) from None


def forget_key(name: str, url: str) -> None:
    """Delete a key from the keyring, if it is there and the keyring can be used."""
    import keyring.errors

    try:
        _keyring(name).delete_password(SERVICE, origin_of(url))
    except (keyring.errors.KeyringError, ModelError):
        return


def _keyring(name: str) -> KeyringBackend:
    """The keyring of the system.

    Raises:
        AccessError: there is none, or only one that keeps keys in a plain file.
    """
    import keyring

    backend = keyring.get_keyring()
    if backend.priority < 1:  # by the convention of `keyring`, not safe or not there
        raise AccessError(
            f"This system has no keyring to keep a key in. Set {variable_of(name)} to the key, or install GNOME "
            "Keyring or KWallet."
        )
    return backend
