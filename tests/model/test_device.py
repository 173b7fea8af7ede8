import pytest
import torch

from model.device import CPU_TOKENS, choose_device, choose_dtype, free_bytes, is_out_of_memory, token_budget
from model.errors import ModelError


def test_the_device_asked_for_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert choose_device("cpu") == torch.device("cpu")
    monkeypatch.setenv("COGNATE_DEVICE", "cpu")
    assert choose_device() == torch.device("cpu")
    assert choose_device("meta") == torch.device("meta")  # what is asked for goes before the environment


@pytest.mark.parametrize("name", ["toaster", "cuda:99", "xpu:7"])
def test_a_device_that_is_not_there_is_refused(name: str) -> None:
    with pytest.raises(ModelError, match=f'"{name}" can\'t be used'):
        choose_device(name)


@pytest.mark.parametrize(
    "message",
    [
        "MPS backend out of memory (MPS allocated: 8 GB)",
        "[enforce fail at alloc_cpu.cpp:1] DefaultCPUAllocator: not enough memory: you tried to allocate 1 bytes",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 1 bytes. Error code 12",
        "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
    ],
)
def test_a_lack_of_memory_is_known_in_the_words_of_every_backend(message: str) -> None:
    assert is_out_of_memory(RuntimeError(message))


def test_a_lack_of_memory_on_this_machine_is_known() -> None:
    with pytest.raises(RuntimeError) as raised:
        torch.empty(2**62, dtype=torch.uint8)
    assert is_out_of_memory(raised.value)
    assert not is_out_of_memory(RuntimeError("shapes do not match"))


def test_a_processor_computes_in_float32_and_in_small_batches() -> None:
    cpu = torch.device("cpu")
    assert choose_dtype(cpu) is torch.float32
    assert token_budget(cpu, 100_000) == CPU_TOKENS
    assert free_bytes(cpu) > 0
