import math

import pytest
import torch

from tests.autoencoders import autoencoder, seed
from trainer.errors import TrainerError
from trainer.model.class_head import ClassHead, check_classes

pytestmark = pytest.mark.numerical


def test_it_begins_without_an_opinion():
    head, tokens = ClassHead(16, 5), torch.randn(4, 1 + 9, 16)
    scores = head(tokens)
    assert scores.shape == (4, 5)
    assert head.loss(scores, torch.tensor([0, 1, 4, 2])).item() == pytest.approx(math.log(5))


def test_it_sees_the_mean_of_the_patches_in_any_order_and_not_the_class_token():
    head, tokens = ClassHead(16, 5), torch.randn(2, 1 + 9, 16)
    torch.nn.init.normal_(head.linear.weight)
    shuffled = tokens[:, [0, *(1 + torch.randperm(9)).tolist()]]
    shuffled[:, 0] = 7
    torch.testing.assert_close(head(shuffled), head(tokens))


def test_its_error_is_the_cross_entropy():
    scores, classes = torch.tensor([[0.0, math.log(3)], [math.log(9), 0.0]]), torch.tensor([1, 1])
    error = ClassHead(4, 2).loss(scores, classes)
    assert error.item() == pytest.approx((math.log(4 / 3) + math.log(10)) / 2)


def test_one_class_teaches_nothing():
    with pytest.raises(TrainerError, match="two classes or more, and these are all of one"):
        ClassHead(16, 1)


@pytest.mark.parametrize(("classes", "named"), [([0, 3, 2], 3), ([-1, 0, 1], -1)])
def test_a_class_that_there_is_not_is_named(classes, named):
    with pytest.raises(TrainerError, match=rf"of class {named}, but its dataset's classes\.json ends at 2"):
        check_classes(torch.tensor(classes), 3)
    check_classes(torch.tensor([0, 2, 1]), 3)


@pytest.mark.parametrize("hidden", [0, 0.75])
def test_classes_are_told_of_pictures_never_seen(hidden):
    """Stripes along rows or along columns, at any place; by a quarter of the patches, or by all of them."""
    model = autoencoder(channels=1, target="classes", num_classes=2, mask_ratio=hidden)
    random = seed(5)

    def pictures(count):
        classes = torch.randint(2, (count,), generator=random)
        place = torch.arange(32) / 8 + torch.rand(count, 1, generator=random)
        stripes = torch.sin(2 * math.pi * place)[:, None, :, None].expand(-1, 1, -1, 32)
        return torch.where(classes[:, None, None, None] == 1, stripes, stripes.transpose(2, 3)), classes

    optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=2e-3)
    for _ in range(40):
        optimizer.zero_grad()
        images, classes = pictures(32)
        model(images, random, classes).loss.backward()
        optimizer.step()
    images, classes = pictures(200)
    with torch.no_grad():
        told = model.eval()(images, random, classes)
    assert (told.prediction.argmax(dim=1) == classes).float().mean() > 0.95
    assert told.mask.float().mean() == hidden


def test_only_where_classes_are_learned_may_all_be_visible():
    with pytest.raises(TrainerError, match="mask_ratio = 0 must lie between 0 and 1"):
        autoencoder(mask_ratio=0)
