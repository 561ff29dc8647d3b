"""What the first line of a program may be: every public name works without another import."""

import subprocess
import sys

import pytest

PROGRAMS = {
    "function": "print(kerasish.function(lambda x: x / 2.0)(numpy.ones(2)).tolist())",
    "variable": "print((kerasish.Variable([2.0, 2.0]) / 4.0 * [1, 1]).tolist())",
    "tensor": "print((kerasish.convert_to_tensor([1.0, 1.0]) / 2.0).tolist())",
}


@pytest.mark.parametrize("program", PROGRAMS.values(), ids=PROGRAMS)
def test_a_name_works_alone(program):
    code = f"import numpy, kerasish\n{program}"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "[0.5, 0.5]"
