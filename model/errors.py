class CognateError(Exception):
    """Whatever Cognate tells its user about: one sentence that says what happened, to what, and what can be done."""


class ModelError(CognateError):
    """A model is missing, damaged, or does not fit on the device."""


class NoRoomError(ModelError):
    """A model, or one text, needs more memory than the device has free now."""
