from indexer.extract.limits import Limits


class Effort:
    """What a file, or its start, has cost a worker so far, held against limits."""

    def __init__(self, limits: Limits, used: float, now: float) -> None:
        """`used` is the worker's processor time, `now` the clock, in seconds."""
        self._limits = limits
        self._used_before, self._began = used, now
        self._used, self._moved = used, now

    def verdict(self, used: float, now: float, memory_bytes: int, is_runnable: bool) -> str:
        """Why the worker is to be ended; empty while it may go on.

        On a busy machine a worker waits long for a processor, which is no fault of its file: it stands still only when
        it is not even waiting for one, and none of its threads computes.
        """
        limits = self._limits
        if is_runnable or used > self._used:
            self._used, self._moved = used, now
        if memory_bytes > limits.memory_bytes:
            return limits.memory_reason
        if used - self._used_before > limits.seconds:
            return limits.time_reason
        for seconds, since in ((limits.stall_seconds, self._moved), (limits.clock_seconds, self._began)):
            if now - since > seconds:
                return f"could not be read within {seconds:g} s"
        return ""
