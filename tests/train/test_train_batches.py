"""dlbook.train.batches against torch's DataLoader and the promises of its docstring."""

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.utils.data import DataLoader, TensorDataset

from dlbook.train import batches


@pytest.fixture(params=["cpu", "cuda"])
def where(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device here; run on a machine with an NVIDIA GPU to check this")
    return torch.device(request.param)


def test_each_sample_comes_exactly_once_per_epoch_with_its_own_label(where):
    x = torch.arange(10, device=where).float()[:, None].expand(10, 3)
    y = torch.arange(10, device=where)
    for _ in range(3):
        xs, ys = zip(*batches(x, y, batch_size=4), strict=True)
        assert torch.cat(xs).equal(torch.cat(ys)[:, None].float().expand(10, 3))
        assert torch.cat(ys).sort().values.equal(y)
        assert all(part.device.type == where.type for part in (*xs, *ys))


@given(n=st.integers(1, 40), batch_size=st.integers(1, 45), shuffle=st.booleans(), drop_last=st.booleans())
def test_number_and_sizes_of_batches_are_those_of_a_dataloader(n, batch_size, shuffle, drop_last):
    if drop_last and batch_size > n:
        return  # refused; see below
    x = torch.arange(n)
    theirs = DataLoader(TensorDataset(x), batch_size=batch_size, shuffle=shuffle, drop_last=drop_last)
    ours = batches(x, batch_size=batch_size, shuffle=shuffle, drop_last=drop_last)
    assert len(ours) == len(theirs)
    assert [len(xb) for (xb,) in ours] == [len(xb) for (xb,) in theirs]


def test_without_shuffling_the_batches_are_those_of_a_dataloader():
    x, y = torch.randn(11, 2), torch.arange(11)
    theirs = DataLoader(TensorDataset(x, y), batch_size=4)
    for ours, expected in zip(batches(x, y, batch_size=4, shuffle=False), theirs, strict=True):
        assert ours[0].equal(expected[0])
        assert ours[1].equal(expected[1])


def _order(data) -> list[int]:
    return torch.cat([xb for (xb,) in data]).tolist()


def test_every_epoch_has_a_new_order_and_the_same_seed_the_same_orders():
    x = torch.arange(50)
    once = batches(x, batch_size=8, generator=torch.Generator().manual_seed(0))
    again = batches(x, batch_size=8, generator=torch.Generator().manual_seed(0))
    first, second = _order(once), _order(once)
    assert first != second
    assert [first, second] == [_order(again), _order(again)]
    assert _order(batches(x, batch_size=8, generator=torch.Generator().manual_seed(1))) != first


def test_the_order_is_one_uniform_permutation():
    # The chance of each of the 6 orders of 3 samples is 1/6: 600 draws, 5 standard deviations.
    data = batches(torch.arange(3), batch_size=2, generator=torch.Generator().manual_seed(0))
    orders = [tuple(_order(data)) for _ in range(600)]
    counts = [orders.count(order) for order in set(orders)]
    assert len(counts) == 6
    assert all(abs(count - 100) < 5 * (600 * 5 / 36) ** 0.5 for count in counts)


def test_a_cpu_generator_gives_the_same_order_on_every_device(where):
    x = torch.arange(50)
    on_cpu = _order(batches(x, batch_size=8, generator=torch.Generator().manual_seed(0)))
    there = _order(batches(x.to(where), batch_size=8, generator=torch.Generator().manual_seed(0)))
    assert there == on_cpu


def test_a_generator_on_the_device_shuffles_there(where):
    x = torch.arange(50, device=where)
    data = batches(x, batch_size=8, generator=torch.Generator(where).manual_seed(0))
    assert sorted(_order(data)) == list(range(50))


def test_without_a_generator_the_global_seed_decides():
    x = torch.arange(50)
    torch.manual_seed(3)
    first = _order(batches(x, batch_size=8))
    torch.manual_seed(3)
    assert _order(batches(x, batch_size=8)) == first


def test_the_data_stay_as_they_were_and_one_batch_may_hold_them_all():
    x = torch.arange(5)
    ((xb,),) = batches(x, batch_size=100)
    xb.zero_()
    assert x.equal(torch.arange(5))


@pytest.mark.parametrize(
    ("tensors", "options", "message"),
    [
        ([], {"batch_size": 1}, "no tensor given"),
        ([torch.zeros(())], {"batch_size": 1}, "first dimension of samples"),
        ([torch.zeros(3, 2), torch.zeros(4)], {"batch_size": 1}, r"\(3, 2\), \(4,\).*must be equal"),
        ([torch.zeros(0, 2)], {"batch_size": 1}, "no sample"),
        ([torch.zeros(3)], {"batch_size": 0}, "batch_size is 0; expected 1 or more"),
        ([torch.zeros(3)], {"batch_size": -2}, "batch_size is -2"),
        ([torch.zeros(3), torch.zeros(3, device="meta")], {"batch_size": 1}, "cpu, meta"),
        ([torch.zeros(3)], {"batch_size": 4, "drop_last": True}, "nothing would remain"),
    ],
)
def test_bad_input_is_refused_when_asked_not_when_iterated(tensors, options, message):
    with pytest.raises(ValueError, match=message):
        batches(*tensors, **options)
