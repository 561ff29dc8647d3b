"""The part of the build that pyproject.toml cannot say: the native kernels, where a compiler is."""

import functools
import shutil
import sys
from pathlib import Path

from setuptools import Distribution, setup
from setuptools.command.bdist_wheel import bdist_wheel
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
PACKAGE = "kerasish/kernels/cpu"
sys.path.insert(0, str(ROOT))

from kerasish.kernels.cpu import build as kernels  # noqa: E402

WITHOUT = "kerasish: installing WITHOUT native kernels (NumPy computes everything, slower): "


@functools.cache
def has_compiler():
    """Whether the kernels can be compiled; says why where they cannot."""
    try:
        kernels.find_compiler()
    except kernels.NoCompilerError as error:
        print(f"{WITHOUT}{error}", file=sys.stderr)
        return False
    return True


class BuildWithKernels(build_py):
    """Copies the Python files, and compiles the kernels in the source tree and beside the copies.

    In the tree they serve an editable install, and tests that run in a checkout.
    """

    def run(self):
        super().run()
        if not has_compiler():
            return
        try:
            made = kernels.build(ROOT / PACKAGE)
        except kernels.CompileError as error:
            print(f"{WITHOUT}\n{error}", file=sys.stderr)
            return
        if not self.editable_mode:
            for file in made:
                shutil.copy(file, Path(self.build_lib, PACKAGE))

    def get_outputs(self, include_bytecode=1):
        made = Path(self.build_lib, PACKAGE).glob("native-*.so")
        return [*super().get_outputs(include_bytecode), *map(str, made)]


class WheelForAnyPython(bdist_wheel):
    """The kernels use no header of Python: one wheel for every version, but for one platform."""

    def get_tag(self):
        return "py3", "none", super().get_tag()[2]


class MaybeNative(Distribution):
    """Tells whether the wheel holds machine code."""

    def has_ext_modules(self):
        return has_compiler()


setup(
    distclass=MaybeNative,
    cmdclass={"build_py": BuildWithKernels, "bdist_wheel": WheelForAnyPython},
)
