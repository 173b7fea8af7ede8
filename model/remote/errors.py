from model.errors import ModelError


class ServerError(ModelError):
    """A server answers in a way that its user has to do something about."""


class AccessError(ServerError):
    """A server refuses the key, or does not answer itself but points elsewhere."""


class OutageError(ServerError):
    """A server is not there, too busy, or too slow: it may be well again in a while."""


class SlowError(OutageError):
    """A server did not answer in time."""


class RefusedError(ServerError):
    """A server can do nothing with what one request holds; others may pass."""

    def __init__(self, message: str, is_too_much: bool = False) -> None:
        super().__init__(message)
        self.is_too_much = is_too_much  # less of it, or shorter texts, may pass
