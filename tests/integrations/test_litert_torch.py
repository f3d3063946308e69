"""litert-torch, run for real: what it makes of PyTorch modules, rewritten, gives what it gives as it is."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import rewriter
from rewriter.integrations.litert_torch import rewrite, wrap
from tests.integrations.agreement import agree

litert_torch = pytest.importorskip(
    "litert_torch", reason="the tests of litert-torch as a host need it: make hosts HOSTS=litert-torch"
)
# A host may warn as it likes; what it gives is what is tested.
pytestmark = pytest.mark.filterwarnings("ignore")
torch = pytest.importorskip("torch")

SEED = 7
FIRED = {
    "toco.push_transpose_through_reduce_concat_split_pad_slice_pad",
    "toco.push_transpose_through_reduce_concat_split_pad_slice_reduce_dropping",
    "toco.remove_identity_transpose",
}
BIAS_APART = """
rule bias_apart
  "The bias of a transposed convolution is added by an operator of its own, for runtimes that know three operands."
  TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw, fused_activation_function=act](x, w, b: const)
  -> ADD[fused_activation_function=act](TRANSPOSE_CONV[padding=p, stride_h=sh, stride_w=sw](x, w), b)
  equal within 1e-5
"""


def module() -> Any:
    """Convolutions with RELU6, a transposed one with bias, and a mean over what PyTorch keeps channels first."""
    modules = torch.nn
    torch.manual_seed(SEED)

    class Network(modules.Module):
        def __init__(self) -> None:
            super().__init__()
            self.body = modules.Sequential(
                modules.Conv2d(3, 8, 3, stride=2, padding=1),
                modules.BatchNorm2d(8),
                modules.ReLU6(),
                modules.ConvTranspose2d(8, 4, 2, stride=2),
                modules.ReLU(),
                modules.Conv2d(4, 4, 3, padding=1),
            )
            self.head = modules.Linear(4, 10)

        def forward(self, image: Any) -> Any:
            return self.head(self.body(image).mean((2, 3)))

    return Network().eval()


@pytest.fixture(scope="module")
def plain() -> Any:
    return litert_torch.convert(module(), (torch.zeros(1, 3, 16, 16),))


@pytest.fixture
def interpreter() -> Any:
    from ai_edge_litert.interpreter import Interpreter

    return Interpreter


def test_a_rewritten_conversion_gives_what_the_plain_one_gives(
    plain: Any, interpreter: Any, record_property: Any
) -> None:
    convert = wrap(litert_torch.convert, packs=["toco"])
    rewritten = convert(module(), (torch.zeros(1, 3, 16, 16),))
    found = agree(plain.model_content(), rewritten.model_content(), rewritten.report, interpreter, FIRED)
    for name, difference in found.items():
        record_property(name, difference)


def test_a_rule_of_ones_own_rewrites_a_transposed_convolution_with_bias(plain: Any, interpreter: Any) -> None:
    rewritten = rewrite(plain, rules=[rewriter.compile_rules(BIAS_APART)])
    agree(plain.model_content(), rewritten.model_content(), rewritten.report, interpreter, {"bias_apart"})


def test_the_rewritten_model_is_called_and_exported_as_the_plain_one(plain: Any, tmp_path: Path) -> None:
    rewritten = rewrite(plain, packs=["toco"])
    assert type(rewritten) is type(plain)
    torch.manual_seed(SEED)
    image = torch.randn(1, 3, 16, 16)
    expected = module()(image).detach().numpy()
    np.testing.assert_allclose(rewritten(image), plain(image), atol=1e-6)
    np.testing.assert_allclose(rewritten(image), expected, atol=1e-5)
    rewritten.export(str(tmp_path / "model.tflite"))
    assert (tmp_path / "model.tflite").read_bytes() == rewritten.model_content()


def test_several_signatures_stay(interpreter: Any) -> None:
    sample = (torch.zeros(1, 3, 16, 16),)
    plain, rewritten = (
        made()
        for made in (
            litert_torch.signature("one", module(), sample).signature("two", module().body, sample).convert,
            wrap(
                litert_torch.signature("one", module(), sample).signature("two", module().body, sample).convert,
                packs=["toco"],
            ),
        )
    )
    agree(plain.model_content(), rewritten.model_content(), rewritten.report, interpreter, FIRED)


def test_a_pipe_gives_what_the_function_gives(plain: Any) -> None:
    program = "import sys; from rewriter.cli import main; sys.exit(main())"
    words = [sys.executable, "-c", program, "apply", "-", "-p", "toco", "-o", "-", "-q"]
    done = subprocess.run(words, input=plain.model_content(), capture_output=True, check=True)
    assert done.stdout == rewrite(plain, packs=["toco"]).model_content()


def test_what_is_no_model_is_refused() -> None:
    with pytest.raises(rewriter.UsageError, match=r"a Network has no model_content\(\)"):
        rewrite(module())
    with pytest.raises(rewriter.UsageError, match="a str cannot be called"):
        wrap("litert_torch.convert")  # type: ignore[arg-type]
