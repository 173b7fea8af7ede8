def accelerator() -> tuple[str, int]:
    """What larger models would run on, in words, and its memory in bytes; ("", 0) where there is only the processor.

    Imports torch, which takes seconds.

    Raises:
        ImportError: torch is missing or can't be loaded.
    """
    import psutil
    import torch

    if torch.cuda.is_available():
        return torch.cuda.get_device_name(), torch.cuda.mem_get_info()[1]
    if torch.backends.mps.is_available():
        return "Apple GPU", psutil.virtual_memory().total  # which it shares
    if torch.xpu.is_available():
        return str(torch.xpu.get_device_name()), torch.xpu.mem_get_info()[1]
    return "", 0


def describe_accelerator() -> str:
    """The same in one line. Imports torch. Raises ImportError: it is missing or can't be loaded."""
    name, memory_bytes = accelerator()
    return f"{name}, {memory_bytes / 1e9:.0f} GB" if name else "none: larger models run on the processor, slowly"
