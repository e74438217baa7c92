"""The step as an object: what runs here on a CPU is what a CUDA graph replays there.

`Replayed` does all that capturing does but for the kernels: steps to warm up, undone; then the captured function.
"""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.distributed as dist
from tiny_training import NUMBER, make_faces, make_model, same, shares, small, train

from facemotion.errors import EnvironmentProblem
from facemotion.models import variants
from facemotion.models.narrow import compute_by_rows
from facemotion.training import loop
from facemotion.training.batches import Faces
from facemotion.training.distributed import Group
from facemotion.training.graph import WARM_UP
from facemotion.training.losses import attention_loss, class_loss, mask_loss
from facemotion.training.phases import phases
from facemotion.training.settings import TrainSettings
from facemotion.training.step import Step, make_optimiser, set_rates
from facemotion.training.views import centre_views


class Replayed(Step):
    """Captures on a CPU: a graph that is replayed is the function that was captured."""

    def _can_capture(self) -> bool:
        return True

    def _captured(self, share):
        for _ in range(WARM_UP):
            self._learn(share)
        self._optimiser.zero_grad(set_to_none=True)
        return SimpleNamespace(replay=lambda: self._learn(share), pool=lambda: None)


class Failing(Replayed):
    """Cannot be captured, and finds that out when it has learned a little; its capture then ends in another error."""

    sizes = frozenset({4, 6})

    def _captured(self, share):
        graph = super()._captured(share)
        if len(share) not in self.sizes:
            return graph
        try:
            raise RuntimeError("operation not permitted when stream is capturing\nmore about it")
        finally:
            raise RuntimeError("operation failed due to a previous error during capture")


class FailingRest(Failing):
    """Can be captured for whole batches, and not for the rest."""

    sizes = frozenset({4})


@cache
def plainly(variant: str):
    return train(small(), variant)


def step_of(settings: TrainSettings, faces: Faces, variant: str = "fmpn", kind: type[Step] = Step, **options):
    model = make_model(settings, variant)
    phase = phases(settings, variant)[-1]
    optimiser = make_optimiser(model, phase, settings.training)
    set_rates(optimiser, phase, 1.0)
    step = kind(model, faces, phase, optimiser, settings.training, **options)
    step.begin(phase.mask_weight)
    return step, model


@pytest.mark.parametrize("variant", variants.names())
def test_learns_as_a_plain_loop_does_to_the_bit(variant: str) -> None:
    settings = small()
    faces = make_faces(settings)
    step, model = step_of(settings, faces, variant)
    torch.manual_seed(4)
    for share in shares(faces):
        step(share)
    plain = make_model(settings, variant).train()
    compute_by_rows(plain, True)
    own, parts = settings.training, variants.load(variant).parts(settings.model)
    rates = {"generator": own.joint_generator_rate}
    groups = [
        {"params": list(plain.get_submodule(part).parameters()), "lr": rates.get(part, own.joint_rate)}
        for part in parts
    ]
    optimiser = torch.optim.Adam(groups, betas=(own.beta1, 0.999), fused=True)
    guidance, sums = variants.load(variant).guidance, np.zeros(3)
    torch.manual_seed(4)
    for batch in faces.batches(torch.arange(NUMBER), centre_views(NUMBER, settings.data), 6):
        logits, mask, attention = plain(batch.color, batch.gray)
        right, guided = class_loss(logits, batch), torch.zeros(())
        if guidance == "mask":
            guided = mask_loss(mask, batch)
        elif guidance == "attention":
            guided = attention_loss(attention, batch)
        optimiser.zero_grad()
        (({"mask": 10.0, "attention": 1.0, None: 0.0}[guidance]) * guided + right).backward()
        optimiser.step()
        hits = (logits.argmax(dim=1) == batch.labels).sum()
        sums += [guided.item() * batch.size, right.item() * batch.size, hits.item()]
    assert same(model.state_dict(), plain.state_dict())
    assert step.sums.tolist() == pytest.approx(sums.tolist(), rel=1e-5)


@pytest.mark.parametrize("resident", [1 << 30, 0])
def test_what_a_batch_is_made_of_stays_in_place(resident: int) -> None:
    settings = small()
    faces = make_faces(settings, resident_bytes=resident)
    step, _ = step_of(settings, faces)
    places = []
    for _ in range(2):
        for share in shares(faces):
            step(share)
            held = step._held[len(share), share.size]
            places.append([held.places.data_ptr(), held.weights.data_ptr()])
            assert torch.equal(held.places, share.places)
            assert torch.equal(held.weights, share.weights)
            assert (held.pixels is None) == bool(resident)
            if held.pixels is not None and share.pixels is not None:
                assert torch.equal(held.pixels, share.pixels)
    whole, again, rest = places[:3]
    assert whole == again != rest
    assert places[:3] == places[3:]


def test_a_share_may_be_overwritten_after_its_step() -> None:
    settings = small()
    faces = make_faces(settings)
    (one, kept), (other, lost) = (step_of(settings, faces) for _ in range(2))
    torch.manual_seed(1)
    for share in shares(faces):
        one(share)
    torch.manual_seed(1)
    for share in shares(faces):
        other(share)
        share.places.zero_()
        share.weights.zero_()
    assert same(kept.state_dict(), lost.state_dict())


def test_shares_of_as_many_faces_can_be_of_batches_that_differ() -> None:
    settings = small("training.generator_epochs=0")
    faces = make_faces(settings)
    whole = shares(faces)[0]
    found = []
    for size in (whole.size, 2 * whole.size):
        step, _ = step_of(settings, faces, "cnn")
        torch.manual_seed(0)
        step(whole)
        step.begin(0.0)
        step(replace(whole, size=size))
        found.append(step.sums[1].item())
    assert found[1] == pytest.approx(2 * found[0])


class TestGraph:
    @pytest.mark.parametrize("variant", variants.names())
    def test_warming_up_leaves_no_trace_and_a_replay_is_a_step(self, monkeypatch, variant: str) -> None:
        settings = small()
        expected, history = plainly(variant)
        monkeypatch.setattr(loop, "Step", Replayed)
        found, again = train(settings, variant)
        assert same(expected, found)
        assert history == again

    def test_is_captured_once_for_each_size_of_batch(self) -> None:
        settings = small()
        faces = make_faces(settings)
        step, _ = step_of(settings, faces, kind=Replayed)
        for _ in range(2):
            for share in shares(faces):
                step(share)
        assert step.graphs == 2

    @pytest.mark.parametrize("after", range(1, 4))
    def test_a_training_that_was_killed_goes_on_to_the_same_bits(self, monkeypatch, tmp_path, after: int) -> None:
        settings = small()
        expected, history = plainly("fmpn")
        monkeypatch.setattr(loop, "Step", Replayed)
        state, count = tmp_path / "state.safetensors", 0

        def kill(epoch) -> None:
            nonlocal count
            count += 1
            if count > after:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            train(settings, state=state, every=0, after_epoch=kill)
        found, again = train(settings, state=state, every=0)
        assert same(expected, found)
        assert history == again

    @pytest.mark.parametrize("kind", [Failing, FailingRest])
    def test_where_it_cannot_be_captured_the_reason_is_said_once_and_it_goes_on(self, kind: type[Step]) -> None:
        settings = small()
        faces = make_faces(settings)
        said: list[str] = []
        (plain, kept), (failing, found) = (
            step_of(settings, faces, kind=each, say=said.append) for each in (Step, kind)
        )
        for step in (plain, failing):
            torch.manual_seed(1)
            for share in shares(faces):
                step(share)
        assert same(kept.state_dict(), found.state_dict())
        assert said == [
            "the training step cannot be captured as a CUDA graph (operation not permitted when stream is capturing); "
            "it goes on without, slower"
        ]
        assert failing.graphs == 0

    def test_is_left_out_where_it_is_not_wanted_or_processes_share_a_batch(self) -> None:
        said: list[str] = []
        settings = small("training.cuda_graph=false")
        faces = make_faces(settings)
        step, _ = step_of(settings, faces, kind=Replayed, say=said.append)
        step(shares(faces)[0])
        assert (step.graphs, said) == (0, [])
        dist.init_process_group("gloo", store=dist.HashStore(), rank=0, world_size=1)  # pyright: ignore[reportPrivateImportUsage]
        try:
            step, _ = step_of(small(), faces, kind=Replayed, say=said.append, group=Group(0, 2))
            step(shares(faces)[0])
        finally:
            dist.destroy_process_group()
        assert step.graphs == 0
        assert said == ["several processes train together: their steps are not captured as CUDA graphs"]


class TestPrecision:
    @pytest.mark.skipif(not torch.ops.mkldnn._is_mkldnn_bf16_supported(), reason="no bf16 arithmetic")
    def test_bf16_on_a_cpu_learns_alike_and_leaves_weights_in_float32(self) -> None:
        rates = [f"training.{name}_rate=1e-5" for name in ("generator", "joint", "joint_generator")]
        (_, expected), (state, found) = (
            train(small("model.dropout=0.0", f"training.cpu_precision={each}", *rates)) for each in ("float32", "bf16")
        )
        assert {value.dtype for value in state.values()} <= {torch.float32, torch.int64}
        for name in ("mask_loss", "class_loss"):
            one, other = ([epoch[name] for epoch in each if epoch[name] is not None] for each in (found, expected))
            assert one == pytest.approx(other, rel=0.05)
            assert one != other

    def test_bf16_is_refused_where_the_processor_has_none(self, monkeypatch) -> None:
        monkeypatch.setattr("torch.ops.mkldnn._is_mkldnn_bf16_supported", lambda: False)
        with pytest.raises(EnvironmentProblem, match=r"float32 alone: training\.cpu_precision=float32"):
            train(small("training.cpu_precision=bf16"))
