"""How a script is put together: imports in order, lines no longer than they should be, room around functions."""

from __future__ import annotations

import pytest

from mltui.data import playground
from mltui.export.carried import carried
from mltui.export.script import WIDTH, Script, text


def test_imports_come_in_the_order_that_linters_ask_for() -> None:
    script = Script()
    script.need("torch", "nn")
    script.need("torch")
    script.need("math")
    script.need("numpy", alias="np")
    script.need("sklearn.preprocessing", "StandardScaler", "OneHotEncoder")
    script.add("x = 1")
    assert script.text(["About."]) == (
        '"""About."""\n\nimport math\n\nimport numpy as np\nimport torch\n'
        "from sklearn.preprocessing import OneHotEncoder, StandardScaler\nfrom torch import nn\nx = 1\n"
    )
    assert script.packages == ["numpy", "scikit-learn", "torch"]


def test_what_is_too_long_for_a_line_is_filled_into_several_or_one_each() -> None:
    script = Script()
    pieces = [f'"column_{number}"' for number in range(20)]
    script.enclosed("names = [", pieces, "]")
    script.enclosed("names = [", pieces, "]", own_lines=True)
    script.enclosed("few = [", pieces[:2], "]")
    lines = script.text(["x"]).splitlines()
    assert all(len(line) <= WIDTH for line in lines)
    assert lines.count('    "column_7",') == 1
    assert lines[-1] == 'few = ["column_0", "column_1"]'
    found: dict[str, object] = {}
    exec("\n".join(lines), found)
    assert found["names"] == [piece.strip('"') for piece in pieces]


def test_functions_stand_apart_and_nothing_else_does() -> None:
    script = Script()
    script.add("a = 1", "", "", "")
    script.add("@property")
    with script.indented("def one():"):
        script.add("x = 1", "", "return x")
    with script.indented("def two():"):
        script.add("return 2")
    script.add("b = 2")
    assert script.text(["x"]).split('"""\n')[1] == (
        "\na = 1\n\n\n@property\ndef one():\n    x = 1\n\n    return x\n\n\ndef two():\n    return 2\n\n\nb = 2\n"
    )


@pytest.mark.parametrize("value", ["a", 'say "b"', "it's", "back\\slash", "new\nline", ("a", 1.5), [True, None], "ü"])
def test_a_value_is_written_as_python_reads_it(value: object) -> None:
    found = eval(text(value))
    assert found == (list(value) if isinstance(value, tuple) else value)
    assert text("a") == '"a"'


def test_a_docstring_holds_whatever_a_name_is() -> None:
    found: dict[str, str] = {}
    exec(Script().text(['Of """odd\\" names.']), found)
    assert found["__doc__"].strip() == 'Of """odd\\" names.'


def test_a_function_is_carried_with_what_it_uses_and_no_more() -> None:
    source = carried(playground.moons)
    assert source.startswith("def moons(samples, noise, rng):\n")
    assert "def halves(samples):" in source
    assert "->" not in source
    assert "def circles" not in source
    assert "PLANE_CENTRES = np.array(" in carried(playground.gaussian_plane)
