def describe_accelerator() -> str:
    """The device that larger models would run on, in words. Imports torch, which takes seconds.

    Raises:
        ImportError: torch is missing or can't be loaded.
    """
    import torch

    if torch.cuda.is_available():
        _, total_bytes = torch.cuda.mem_get_info()
        return f"{torch.cuda.get_device_name()}, {total_bytes / 1e9:.0f} GB"
    if torch.backends.mps.is_available():
        return "Apple GPU, by Metal"
    if torch.xpu.is_available():
        return str(torch.xpu.get_device_name())
    return "none: larger models run on the processor, slowly"
