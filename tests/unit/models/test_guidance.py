"""The variants beside the published ones: what each is built to do."""

import pytest
import torch
from torch.nn import functional

from facemotion.errors import ConfigError
from facemotion.models import variants
from facemotion.models.resizing import area, bilinear
from facemotion.models.settings import ModelSettings
from facemotion.models.stages import find_stage
from facemotion.training.batches import Batch
from facemotion.training.losses import attention_loss
from facemotion.training.phases import phases
from facemotion.training.settings import load_preset

SMALL = {"classifier": "test_resnet", "width": 2, "blocks": 1, "dropout": 0.3}


def build(name: str, **more):
    torch.manual_seed(0)
    return variants.build(name, 5, ModelSettings(**{**SMALL, **more}), side=48)


def faces(number: int = 3) -> tuple[torch.Tensor, torch.Tensor]:
    random = torch.Generator().manual_seed(3)
    return torch.rand(number, 3, 48, 48, generator=random), torch.rand(number, 1, 48, 48, generator=random)


@pytest.mark.parametrize("learns", [True, False])
def test_identity_begins_as_the_classifier_alone_to_the_bit(learns: bool) -> None:
    answers = []
    for name in ("cnn", "fmpn-identity"):
        model = build(name).train(learns)
        torch.manual_seed(9)  # of dropout
        answers.append(model(*faces()).logits)
    assert torch.equal(*answers)


def test_the_fusion_of_identity_has_as_many_parameters_as_it_says() -> None:
    fusion = build("fmpn-identity").fusion
    number = sum(each.numel() for each in fusion.parameters())
    assert f"{number:,} parameters" in (type(fusion).__doc__ or "")


def test_guided_answers_as_the_classifier_alone_and_has_its_weights() -> None:
    plain, guided = build("cnn").eval(), build("guided").eval()
    assert plain.state_dict().keys() == guided.state_dict().keys()
    with torch.no_grad():
        assert torch.equal(plain(*faces()).logits, guided(*faces()).logits)


def test_the_mask_of_guided_is_its_stages_channel_mean() -> None:
    model = build("guided", guided_stage=3).eval()
    seen = []
    module, channels = find_stage(model.classifier, 3, side=48)
    module.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        _, mask, attention = model(*faces())
    assert seen[0].shape == (3, channels, 6, 6)
    torch.testing.assert_close(attention, seen[0].relu().mean(dim=1, keepdim=True))
    low, high = attention.amin(dim=(2, 3), keepdim=True), attention.amax(dim=(2, 3), keepdim=True)
    expected = functional.interpolate((attention - low) / (high - low), size=48, mode="bilinear", align_corners=False)
    torch.testing.assert_close(mask, expected, atol=1e-5, rtol=1e-4)


def test_attention_multiplies_features_by_one_plus_the_mask() -> None:
    model = build("fmpn-attention", attention_mask="generator").eval()
    plain = build("cnn").eval()
    seen = []
    for each in (plain, model):
        module, _ = find_stage(each.classifier, 3, side=48)
        module.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        plain(*faces())
        _, mask, _ = model(*faces())
    weights = 1 + functional.adaptive_avg_pool2d(mask, seen[0].shape[-2:])
    torch.testing.assert_close(seen[1], seen[0] * weights, atol=1e-5, rtol=1e-4)


def test_attention_without_a_generator_has_one_phase_and_with_it_two() -> None:
    for form, expected in (("head", ["joint"]), ("generator", ["generator", "joint"])):
        settings = load_preset("compact", [f"model.attention_mask={form}"])
        assert [phase.name for phase in phases(settings, "fmpn-attention")] == expected


def test_the_weight_of_guided_follows_its_schedule() -> None:
    for schedule, expected in (("constant", [2, 2, 2, 2]), ("falling", [2, 1.5, 1, 0.5]), ("rising", [0.5, 1, 1.5, 2])):
        overrides = ["training.joint_epochs=4", "training.guided_weight=2", f"training.guided_schedule={schedule}"]
        (joint,) = phases(load_preset("compact", overrides), "guided")
        assert [joint.mask_weight_in(epoch) for epoch in range(4)] == expected


def test_settings_that_the_chosen_variants_do_not_heed_are_found() -> None:
    settings = load_preset("compact", ["model.guided_stage=3", "model.attention_stage=2", "training.compile=true"])
    assert variants.without_effect(settings.given(), ["cnn", "guided"]) == ["model.attention_stage"]
    assert variants.without_effect(settings.given(), ["cnn"]) == ["model.attention_stage", "model.guided_stage"]
    assert variants.without_effect(load_preset("compact").given(), ["cnn"]) == []


class TestStages:
    def test_a_stage_that_a_network_lacks_is_named(self) -> None:
        with pytest.raises(ConfigError, match=r"'convnext_atto' has no stage 1 .*its stages are 2, 3, 4, 5"):
            build("guided", classifier="convnext_atto", guided_stage=1)

    @pytest.mark.parametrize("classifier", ["test_vit", "swin_tiny_patch4_window7_224"])
    def test_a_network_without_maps_of_channels_is_refused(self, classifier: str) -> None:
        with pytest.raises(ConfigError, match=r"stage 4 of .* gives .* choose another classifier"):
            variants.build("guided", 5, ModelSettings(classifier=classifier))


class TestResizing:
    @pytest.mark.parametrize(("old", "new"), [((64, 64), (8, 8)), ((64, 64), (4, 4)), ((30, 20), (10, 5))])
    def test_area_is_torchs_where_sizes_divide(self, old, new) -> None:
        planes = torch.rand(2, 3, *old)
        torch.testing.assert_close(area(planes, new), functional.adaptive_avg_pool2d(planes, new))

    def test_area_keeps_the_mean_where_they_do_not(self) -> None:
        planes = torch.rand(2, 1, 35, 17)
        torch.testing.assert_close(area(planes, (8, 5)).mean(dim=(2, 3)), planes.mean(dim=(2, 3)))

    @pytest.mark.parametrize(("old", "new"), [((8, 8), (64, 64)), ((4, 5), (13, 17)), ((1, 1), (6, 3))])
    def test_bilinear_is_torchs(self, old, new) -> None:
        planes = torch.rand(2, 3, *old)
        expected = functional.interpolate(planes, size=new, mode="bilinear", align_corners=False)
        torch.testing.assert_close(bilinear(planes, new), expected, atol=1e-5, rtol=1e-4)


def batch_of(prior: torch.Tensor, weights: list[float]) -> Batch:
    number = len(prior)
    nothing = torch.zeros(number, 1, 1, 1)
    labels = torch.zeros(number, dtype=torch.int64)
    return Batch(nothing, nothing, prior, labels, torch.tensor(weights), torch.zeros(number), number)


class TestAttentionLoss:
    prior = torch.rand(4, 1, 16, 16, generator=torch.Generator().manual_seed(0))

    def test_is_0_for_the_prior_itself_however_bright_and_2_for_its_opposite(self) -> None:
        own = area(self.prior, (4, 4))
        batch = batch_of(self.prior, [0.25] * 4)
        assert attention_loss(3 * own + 7, batch).item() == pytest.approx(0, abs=1e-5)
        assert attention_loss(5 - own, batch).item() == pytest.approx(2, abs=1e-5)

    def test_is_one_minus_the_correlation(self) -> None:
        own = torch.rand(4, 1, 4, 4)
        pairs = zip(own.flatten(1), functional.adaptive_avg_pool2d(self.prior, 4).flatten(1), strict=True)
        expected = 1 - torch.stack([torch.corrcoef(torch.stack(pair))[0, 1] for pair in pairs]).mean()
        assert attention_loss(own, batch_of(self.prior, [0.25] * 4)).item() == pytest.approx(expected.item(), abs=1e-5)

    def test_is_over_the_faces_whose_class_has_a_prior(self) -> None:
        own = torch.rand(4, 1, 4, 4)
        some = batch_of(self.prior, [0.5, 0, 0.5, 0])
        alone = batch_of(self.prior[::2], [0.5, 0.5])
        assert attention_loss(own, some).item() == pytest.approx(attention_loss(own[::2], alone).item(), abs=1e-6)

    def test_of_features_that_are_all_equal_has_a_finite_gradient(self) -> None:
        own = torch.ones(4, 1, 4, 4, requires_grad=True)
        attention_loss(own, batch_of(torch.zeros_like(self.prior), [0.25] * 4)).backward()
        assert own.grad is not None
        assert own.grad.isfinite().all()
