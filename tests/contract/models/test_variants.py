"""What every variant of the model promises. A new one is found by its name and needs no line here."""

import warnings

import pytest
import torch

from facemotion.models import variants
from facemotion.models.settings import ModelSettings
from facemotion.training.batches import Batch
from facemotion.training.losses import attention_loss, class_loss, mask_loss
from facemotion.training.phases import phases
from facemotion.training.settings import TrainingSettings, TrainSettings, load_preset
from facemotion.training.step import make_optimiser

SIDE, NUMBER, CLASSES = 64, 6, 4
SMALL = {"classifier": "test_resnet", "width": 2, "blocks": 1, "dropout": 0.3}
FORMS = [
    *((name, {}) for name in variants.names()),
    ("fmpn-attention", {"attention_mask": "generator"}),
]
every_form = pytest.mark.parametrize(("name", "more"), FORMS, ids=lambda value: str(value))


def built(name: str, more: dict, seed: int = 0, **settings):
    torch.manual_seed(seed)
    return variants.build(name, CLASSES, ModelSettings(**{**SMALL, **more, **settings}), side=SIDE)


def faces() -> Batch:
    random = torch.Generator().manual_seed(1)
    color = torch.rand(NUMBER, 3, SIDE, SIDE, generator=random)
    return Batch(
        color=color,
        gray=color.mean(dim=1, keepdim=True),
        prior=torch.rand(NUMBER, 1, SIDE, SIDE, generator=random),
        labels=torch.arange(NUMBER) % CLASSES,
        mask_weight=torch.full((NUMBER,), 1 / NUMBER),
        class_weight=torch.full((NUMBER,), 1 / NUMBER),
        size=NUMBER,
    )


def trained(more: dict) -> TrainSettings:
    preset = load_preset("compact")
    return preset.model_copy(update={"model": ModelSettings(**{**SMALL, **more})})


def learn(name: str, model, settings: TrainSettings, *, guided: bool = True) -> None:
    """Take one step of the joint phase; leaves the gradients."""
    joint = phases(settings, name)[-1]
    optimiser = make_optimiser(model, joint, settings.training)
    batch = faces()
    torch.manual_seed(2)
    logits, mask, attention = model.train()(batch.color, batch.gray)
    loss = class_loss(logits, batch)
    if guided and joint.guidance is not None:
        loss = (
            loss
            + {"mask": lambda: mask_loss(mask, batch), "attention": lambda: attention_loss(attention, batch)}[
                joint.guidance
            ]()
        )
    loss.backward()
    optimiser.step()


@every_form
def test_gives_logits_and_masks_of_the_faces_size(name: str, more: dict) -> None:
    model, batch = built(name, more), faces()
    for learns in (True, False):
        logits, mask, attention = model.train(learns)(batch.color, batch.gray)
        assert logits.shape == (NUMBER, CLASSES)
        assert (mask is not None) == variants.load(name).has_masks
        if mask is not None:
            assert mask.shape == (NUMBER, 1, SIDE, SIDE)
            assert mask.min() >= 0
            assert mask.max() <= 1
        assert (attention is not None) == (variants.load(name).guidance == "attention")


@every_form
def test_says_which_parts_learn(name: str, more: dict) -> None:
    model = built(name, more)
    found = {part for part, module in model.named_children() if list(module.parameters())}
    assert found == set(variants.load(name).parts(ModelSettings(**{**SMALL, **more})))


@every_form
def test_a_step_reaches_and_changes_every_part(name: str, more: dict) -> None:
    model = built(name, more)
    before = {part: value.clone() for part, value in model.named_parameters()}
    learn(name, model, trained(more))
    learn(name, model, trained(more))  # what begins at zero lets gradients through from the second step on
    for part, parameter in model.named_parameters():
        assert parameter.grad is not None, part
        assert parameter.grad.isfinite().all(), part
    moved = {part.split(".")[0] for part, value in model.named_parameters() if not torch.equal(value, before[part])}
    assert moved == set(variants.load(name).parts(trained(more).model))


@every_form
def test_the_prior_matters_to_those_that_use_it_alone(name: str, more: dict) -> None:
    states = []
    for guided in (True, False):
        model = built(name, more)
        learn(name, model, trained(more), guided=guided)
        states.append(model.state_dict())
    same = all(torch.equal(value, states[1][part]) for part, value in states[0].items())
    assert same != variants.load(name).uses_prior


@every_form
def test_a_seed_gives_the_same_weights_and_the_same_step(name: str, more: dict) -> None:
    states = []
    for _ in range(2):
        model = built(name, more, seed=5)
        learn(name, model, trained(more))
        states.append(model.state_dict())
    assert all(torch.equal(value, states[1][part]) for part, value in states[0].items())


@every_form
def test_the_exporter_takes_it_whole(name: str, more: dict) -> None:
    model, batch = built(name, more).eval(), faces()
    sizes = ({0: torch.export.Dim("faces", min=1)},) * 2
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter's remarks on itself
        program = torch.export.export(model, (batch.color, batch.gray), dynamic_shapes=sizes)
    with torch.no_grad():
        expected, found = model(batch.color[:3], batch.gray[:3]), program.module()(batch.color[:3], batch.gray[:3])
    for one, other in zip(expected, found, strict=True):
        assert (one is None) == (other is None)
        if one is not None:
            torch.testing.assert_close(one, other, atol=1e-5, rtol=1e-4)


@every_form
def test_the_compiler_takes_it_whole(name: str, more: dict) -> None:
    model, batch = built(name, more).eval(), faces()
    with torch.no_grad():
        expected = model(batch.color, batch.gray).logits
        found = torch.compile(model, backend="eager", fullgraph=True)(batch.color, batch.gray).logits
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("classifier", ["inception_v3", "tf_efficientnet_lite0", "resnet18", "resnet10t"])
@pytest.mark.parametrize("name", ["fmpn-attention", "guided"])
def test_the_stages_of_usual_classifiers_are_found(name: str, classifier: str) -> None:
    side = 80
    for stage in (2, 3, 4):
        more = {"attention_stage": stage, "guided_stage": stage}
        torch.manual_seed(0)
        settings = ModelSettings(**{**SMALL, **more, "classifier": classifier})
        model = variants.build(name, CLASSES, settings, side=side).eval()
        with torch.no_grad():
            found = model(torch.rand(2, 3, side, side), torch.rand(2, 1, side, side))
        assert found.logits.shape == (2, CLASSES)
        assert found.mask is not None
        assert found.mask.shape == (2, 1, side, side)
        if found.attention is not None:
            assert abs(found.attention.shape[-1] - side / 2**stage) <= 4  # Inception V3 pads nothing in its stem


def test_settings_of_training_name_those_of_variants() -> None:
    fields = {"model": ModelSettings.model_fields, "training": TrainingSettings.model_fields}
    for name in variants.names():
        for setting in variants.load(name).own_settings:
            section, field = setting.split(".")
            assert field in fields[section]
