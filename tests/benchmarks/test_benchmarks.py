"""The benchmarks: fair comparisons, results that README repeats, and a CIFAR-10 net that learns."""

import ast
import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import cifar10_speed as cifar
import fashion_lenet as fashion
import table
from _record import Clock, Row, as_json, finish
from dlbook.data import load, locate
from dlbook.train import Speed

FOLDER = Path(__file__).resolve().parents[2] / "benchmarks"
RESULTS = sorted((FOLDER / "results").glob("*.json"))


def test_readme_says_what_the_results_say(capsys):
    assert table.main(["--check"]) == 0, capsys.readouterr().out


def test_a_readme_that_says_something_else_is_found_and_put_right(tmp_path, monkeypatch):
    readme, results = tmp_path / "README.md", tmp_path / "benchmarks" / "results"
    results.mkdir(parents=True)
    (tmp_path / "benchmarks" / "later.py").touch()
    monkeypatch.setattr(table, "HERE", tmp_path / "benchmarks")
    rows = [Row("a thing", 10.0, 0.004, "s", aim=10)]
    content = as_json("now", "A title", rows, "Some GPU", ["a note."]) | {"threads": 1}
    (results / "now.json").write_text(json.dumps(content))
    readme.write_text(f"Before\n{table.START}\nold\n{table.END}\nafter")
    assert table.main(["--check"]) == 1
    assert table.main([]) == 0
    text = readme.read_text()
    assert "| a thing | 10 s | 0.004 s | 2500.0 |" in text
    assert "A title. Some GPU, 1 thread" in text
    assert "A note." in text
    assert "`benchmarks/later.py`: not measured yet." in text
    assert text.startswith("Before\n")
    assert text.endswith("\nafter")
    assert "old" not in text
    assert table.main(["--check"]) == 0


@pytest.mark.parametrize("path", RESULTS, ids=lambda path: path.stem)
def test_a_result_says_what_it_was_measured_on(path):
    result = json.loads(path.read_text())
    assert (FOLDER / f"{result['benchmark']}.py").is_file()
    assert result["benchmark"] == path.stem
    assert all(result[name] for name in ("title", "device", "threads", "versions", "date", "rows"))
    for row in result["rows"]:
        assert row["ratio"] == pytest.approx(row["usual"] / row["book"])
    if path.stem == "cifar10_speed":
        assert "NVIDIA" in result["device"]


def test_a_result_is_written_only_when_asked(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr("_record.RESULTS", tmp_path / "results")
    rows = [Row("a thing", 6.0, 2.0, "s", aim=2)]
    finish("name", "Title", rows, write=False)
    assert "3.0x  (aim: 2)" in capsys.readouterr().out
    assert not (tmp_path / "results").exists()
    finish("name", "Title", rows, write=True)
    assert json.loads((tmp_path / "results/name.json").read_text())["rows"][0]["ratio"] == 3


def test_a_clock_adds_its_blocks_and_leaves_out_what_lies_between(monkeypatch):
    times = iter([0.0, 1.0, 10.0, 12.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    clock = Clock()
    for _ in range(2):
        with clock:
            pass
    assert clock.wall == 3.0


def test_pooling_as_a_matrix_product_is_average_pooling_with_its_gradient():
    x = torch.randn(3, 2, 10, 14, dtype=torch.float64, requires_grad=True)
    g = torch.randn(3, 2, 5, 7, dtype=torch.float64)
    ours, theirs = fashion.MatrixPool().double()(x.float()), nn.AvgPool2d(2)(x.float())
    torch.testing.assert_close(ours, theirs)
    gradients = [torch.autograd.grad(y, x, g.float(), retain_graph=True)[0] for y in (ours, theirs)]
    torch.testing.assert_close(*gradients)


def test_both_ways_get_the_same_batches_in_the_same_order(tmp_path, monkeypatch):
    if locate("fashion-mnist") is None:
        pytest.skip("fashion-mnist is not on this machine; set DLBOOK_DATA to a folder that has it")
    train = load("fashion-mnist", "train")
    data = fashion.usual_data(str(tmp_path))
    assert len(data) == len(train.y)
    pairs = zip(fashion.loader(data, 5), fashion.in_memory(train.x, train.y, 5), strict=True)
    for _, (theirs, ours) in zip(range(3), pairs, strict=False):
        assert ours[0].equal(theirs[0])
        assert ours[1].equal(theirs[1])


def test_the_books_way_reaches_an_accuracy_and_evaluation_is_not_on_its_clock():
    train = load("fashion-mnist", "train")
    rows = torch.arange(12_000) % len(train.y)  # the digits that stand in without a network are few
    x, y = train.x[rows], train.y[rows]
    test = (x[:500].float() / 255, y[:500])
    there, end, accuracy = fashion.reach(0.4, x, y, test, seed=0)
    assert 0 < there.wall < end.wall
    assert accuracy > 0.4
    with pytest.raises(SystemExit, match="below"):
        fashion.reach(1.01, x[:1000], y[:1000], test, seed=0)


@pytest.fixture(scope="module")
def pictures():
    sets = [load("cifar10", split) for split in ("train", "test")]
    return [(part.x[:n], part.y[:n]) for part, n in zip(sets, (3000, 500), strict=True)]


def test_a_tiny_cifar10_run_learns_well_above_chance(pictures):
    size = cifar.Size(images=3000, epochs=4, batch=64, widths=(16, 32, 32))
    clocks, accuracies, compiling = cifar.measure(pictures, torch.device("cpu"), size, Speed(), runs=1)
    assert accuracies[0] > 0.27  # chance is 0.1; 0.02 is one standard deviation of 500 images
    assert clocks[0].wall > 0
    assert compiling == 0


def test_the_first_layer_whitens_patches(pictures):
    x = cifar.on_device(pictures[0][0], torch.device("cpu"), Speed())
    first = cifar.make_net(x, (8, 8, 8))[0]
    with torch.no_grad():
        out = first(x).permute(0, 2, 3, 1).reshape(-1, 24)  # (patches, 24)
    second_moment = out[:, :12].T @ out[:, :12] / len(out)
    # The same patches by indexing; directions of hardly any spread are not blown up to a spread of 1.
    corners = torch.stack([x[..., i : i + 31, j : j + 31] for i in (0, 1) for j in (0, 1)], 2)
    patches = corners.permute(0, 3, 4, 1, 2).reshape(-1, 12).double().numpy()
    spread = np.linalg.eigvalsh(patches.T @ patches / len(patches))
    expected = torch.tensor(np.diag(spread / (spread + 5e-4))).float()
    torch.testing.assert_close(second_moment, expected, atol=0.01, rtol=0)
    torch.testing.assert_close(out[:, 12:], -out[:, :12])


def test_images_are_shifted_by_up_to_two_pixels_each_by_its_own():
    padded = torch.rand(40, 3, 36, 36)
    places = set()
    for image, cut in zip(padded, cifar.shifted(padded), strict=True):
        found = [(i, j) for i in range(5) for j in range(5) if image[:, i : i + 32, j : j + 32].equal(cut)]
        assert len(found) == 1
        places |= set(found)
    assert len(places) > 10


def test_each_image_is_seen_both_ways_in_two_epochs_and_in_one_epoch_about_half_are_mirrored():
    ramp = torch.linspace(0, 1, 32).expand(200, 3, 32, 32)  # brighter to the right
    batches = cifar.augmented(ramp, torch.arange(200), 50)
    seen = [{}, {}]
    for epoch in seen:
        for _ in range(4):
            x, y = next(batches)
            mirrored = x[..., :16].mean((1, 2, 3)) > x[..., 16:].mean((1, 2, 3))
            epoch.update(zip(y.tolist(), mirrored.tolist(), strict=True))
    assert all(seen[0][i] != seen[1][i] for i in range(200))
    assert 60 < sum(seen[0].values()) < 140


def test_the_average_over_six_views_weighs_an_image_twice_as_much_as_its_neighbours():
    x = torch.rand(2, 3, 32, 32)
    weights = torch.rand(3 * 32 * 32)
    net = lambda view: (view.flatten(1) @ weights)[:, None]  # noqa: E731
    padded = nn.functional.pad(x, (1, 1, 1, 1), mode="reflect")
    views = [x, x, padded[..., :32, :32], padded[..., 2:, 2:]]
    expected = sum(net(v) + net(v.flip(3)) for v in views) / 8
    torch.testing.assert_close(cifar.six_views(net, x), expected)


def test_nothing_in_the_training_loop_waits_for_the_device(monkeypatch):
    reads = []
    for name in ("item", "tolist", "cpu", "numpy", "__bool__", "__float__", "__int__"):
        method = getattr(torch.Tensor, name)
        counted = lambda tensor, *a, method=method, name=name: (reads.append(name), method(tensor, *a))[1]  # noqa: E731
        monkeypatch.setattr(torch.Tensor, name, counted)
    x, y = torch.randn(64, 3, 32, 32), torch.randint(10, (64,))
    counts = []
    for epochs in (1, 3):
        net = cifar.make_net(x, (4, 4, 4))
        reads.clear()
        cifar.train(net, net, x, y, cifar.Size(64, epochs, 16, (4, 4, 4)), Speed())
        counts.append(list(reads))
    assert counts == [[], []]


def test_the_cifar10_script_is_short_enough_to_read():
    source = (FOLDER / "cifar10_speed.py").read_text()
    assert len([line for line in source.splitlines() if line.strip()]) <= 150
    assert ast.get_docstring(ast.parse(source))
