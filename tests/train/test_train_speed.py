"""dlbook.train.Speed and place: fast where a device can be, the same results, and nothing on a CPU."""

import pytest
import torch
from torch import nn

from dlbook.train import Speed, evaluate, fit, place, seed

NEEDS_CUDA = "no CUDA device here; run on a machine with an NVIDIA GPU to check this"


def _data(n: int = 40) -> tuple[torch.Tensor, torch.Tensor]:
    """Two classes of pictures: bright on the left, bright on the right."""
    g = torch.Generator().manual_seed(3)
    x, y = torch.rand(n, 1, 6, 6, generator=g), torch.randint(2, (n,), generator=g)
    x[y == 0, :, :, :3] += 1
    x[y == 1, :, :, 3:] += 1
    return x, y


def _net() -> nn.Sequential:
    """Make a net with all that a compiled warm-up could disturb: running averages and random numbers."""
    torch.manual_seed(5)
    return nn.Sequential(
        nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(64, 2)
    )


def _fit(model: nn.Module, x, y, **options):
    generator = seed(1)
    sgd = torch.optim.SGD(model.parameters(), lr=0.05, momentum=0.9)
    return fit(model, (x, y), epochs=3, optimizer=sgd, batch_size=16, generator=generator, **options)


def test_a_cpu_is_left_to_compute_as_it_always_does():
    assert Speed.of("cpu") == Speed()
    assert Speed().prepared(model := _net(), nn.functional.cross_entropy, *_data()) == (model, 0.0)
    plain, chosen = _net(), _net()
    history = _fit(plain, *_data(), speed=Speed())
    assert _fit(chosen, *_data()) == history
    assert all(p.equal(q) for p, q in zip(plain.parameters(), chosen.parameters(), strict=True))


@pytest.mark.parametrize(("has_it", "expected"), [(True, torch.bfloat16), (False, None)])
def test_an_nvidia_gpu_computes_in_bfloat16_if_it_can(monkeypatch, has_it, expected):
    monkeypatch.setattr(torch.cuda, "is_bf16_supported", lambda: has_it)
    assert Speed.of("cuda:1") == Speed(autocast=expected)
    assert Speed.of("cuda", compile=True).compile
    assert Speed.of("mps").autocast is None


def test_autocast_reaches_the_scores_in_training_and_evaluation_and_leaves_weights_and_sums_precise():
    x, y = _data()
    model, formats = _net(), []
    model.register_forward_hook(lambda m, i, out: formats.append(out.dtype))
    history = _fit(model, x, y, validation=(x, y), speed=Speed(autocast=torch.bfloat16))
    assert set(formats) == {torch.bfloat16}
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    exact = evaluate(model, x, y)
    assert formats[-1] == torch.float32
    assert history.validation_loss[-1] == pytest.approx(exact.loss, abs=0.02)
    assert history.validation_loss[-1] != exact.loss
    assert history.train_accuracy[-1] > 0.9


def test_double_precision_stays_double_under_autocast():
    x, y = _data()
    model = _net().double()
    plain = evaluate(model, x.double(), y)
    assert evaluate(model, x.double(), y, speed=Speed(autocast=torch.bfloat16)) == plain


@pytest.fixture
def compiled(monkeypatch):
    """Compile without the minute that a C++ compiler takes, and count what is run compiled."""
    sizes = []
    compile_ = torch.compile

    def counting(model, **options):
        run = compile_(model, **options)

        def forward(x):
            sizes.append(len(x))
            return run(x)

        return forward

    monkeypatch.setattr(torch, "compile", counting)
    yield sizes
    torch.compiler.reset()


@pytest.mark.filterwarnings("ignore")  # PyTorch's compiler warns about its own future
def test_a_compiled_training_gives_the_history_and_the_model_of_a_plain_one(compiled):
    x, y = _data()  # batches of 16, 16 and 8
    plain, fast = _net(), _net()
    expected = _fit(plain, x, y)
    history = _fit(fast, x, y, speed=Speed(compile=True, backend="aot_eager"))
    assert compiled == [16] * 3 + [16] * 2 * 3  # three to warm up, and never a smaller batch
    assert history.train_loss == pytest.approx(expected.train_loss, rel=1e-5)
    assert history.compile_seconds > 0 == expected.compile_seconds
    assert sum(history.seconds) < history.compile_seconds
    for name, value in plain.state_dict().items():
        torch.testing.assert_close(fast.state_dict()[name], value, rtol=1e-4, atol=1e-6)


class _Reads:
    """Counts what makes Python wait for a device: a tensor's number, truth or copy is asked for."""

    NAMES = ("item", "tolist", "cpu", "numpy", "__bool__", "__float__", "__int__", "__index__")

    def __init__(self, monkeypatch):
        self.counts = dict.fromkeys(self.NAMES, 0)
        for name in self.NAMES:
            monkeypatch.setattr(torch.Tensor, name, self._counted(name, getattr(torch.Tensor, name)))

    def _counted(self, name, method):
        def wrapper(tensor, *args, **kwargs):
            self.counts[name] += 1
            return method(tensor, *args, **kwargs)

        return wrapper


@pytest.mark.parametrize("speed", [Speed(), Speed(autocast=torch.bfloat16)])
def test_loss_and_accuracy_are_read_once_an_epoch_however_many_steps_it_has(monkeypatch, speed):
    reads = _Reads(monkeypatch)
    counts = []
    for batch_size in (40, 2):  # 1 or 20 steps an epoch
        reads.counts = dict.fromkeys(reads.NAMES, 0)
        model, (x, y) = _net(), _data()
        sgd = torch.optim.SGD(model.parameters(), lr=0.01, momentum=0.9)
        fit(model, (x, y), epochs=2, optimizer=sgd, batch_size=batch_size, validation=(x, y), speed=speed)
        counts.append(reads.counts)
    assert counts[0] == counts[1]
    assert counts[0]["item"] == 2 * 4  # loss and accuracy, of training and validation


def test_the_count_of_reads_sees_a_read(monkeypatch):
    reads = _Reads(monkeypatch)
    assert torch.ones(()) > 0
    float(torch.ones(()))
    torch.ones(2).tolist()
    assert (reads.counts["__bool__"], reads.counts["__float__"], reads.counts["tolist"]) == (1, 1, 1)


def test_on_a_cpu_place_changes_nothing():
    x, model = torch.rand(2, 3, 4, 4), _net()
    assert place(x, "cpu") is x
    assert place(model, "cpu") is model
    assert x.is_contiguous()


@pytest.mark.parametrize("shape", [(2, 3, 4, 5), (2, 3)])
def test_on_a_gpu_the_channels_of_a_pixel_lie_side_by_side(monkeypatch, shape):
    wanted = {}

    def to(self, *args, **kwargs):
        wanted[type(self)] = (args[0].type, kwargs.get("memory_format"))
        return self

    monkeypatch.setattr(torch.Tensor, "to", to)
    monkeypatch.setattr(nn.Module, "to", to)
    place(torch.rand(*shape), "cuda")
    place(nn.Conv2d(1, 1, 1), "cuda")
    last = torch.channels_last
    assert wanted == {torch.Tensor: ("cuda", last if len(shape) == 4 else None), nn.Conv2d: ("cuda", last)}


@pytest.mark.skipif(not torch.cuda.is_available(), reason=NEEDS_CUDA)
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("compile", [False, True])
def test_a_gpu_learns_what_a_cpu_learns(compile):
    x, y = _data(400)
    here, there = _net(), place(_net(), "cuda")
    expected = _fit(here, x, y)
    history = _fit(there, place(x, "cuda"), y.cuda(), speed=Speed.of("cuda", compile=compile))
    assert history.train_accuracy[-1] == pytest.approx(expected.train_accuracy[-1], abs=0.05)
    assert there[0].weight.is_contiguous(memory_format=torch.channels_last)
    assert all(p.dtype == torch.float32 for p in there.parameters())
