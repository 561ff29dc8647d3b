"""The one door to optional packages for pictures: Pillow, matplotlib and pydot.

They are slow to import and may be absent, so each is imported by the function that gives it.
"""

from kerasish.errors import explain

ADVICE = "pip install 'kerasish[pictures]'"


def _absent(package, task, error, advice=ADVICE):
    problem = f"{task} needs {package}"
    return ImportError(explain("", problem, fix=advice), name=getattr(error, "name", None))


def pillow(task):
    """Pillow's module `Image`.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise _absent("Pillow", task, error) from error
    return Image


def pillow_drawing(task):
    """Pillow's modules `ImageDraw` and `ImageFont`.

    Args:
        task: str. What they are wanted for.

    Raises:
        ImportError: Pillow is not installed.
    """
    try:
        from PIL import ImageDraw, ImageFont
    except ImportError as error:
        raise _absent("Pillow", task, error) from error
    return ImageDraw, ImageFont


def matplotlib_figure(task):
    """matplotlib's class `Figure`, for pictures that are written to files.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.figure import Figure
    except ImportError as error:
        raise _absent("matplotlib", task, error) from error
    return Figure


def matplotlib_patches(task):
    """matplotlib's module `patches`.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib import patches
    except ImportError as error:
        raise _absent("matplotlib", task, error) from error
    return patches


def pyplot(task):
    """matplotlib's module `pyplot`, for windows and notebooks.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib import pyplot as module
    except ImportError as error:
        raise _absent("matplotlib", task, error) from error
    return module


def pydot(task):
    """The module `pydot`.

    Args:
        task: str. What it is wanted for.

    Raises:
        ImportError: pydot is not installed.
    """
    try:
        import pydot as module
    except ImportError as error:
        raise _absent("pydot", task, error, "pip install pydot") from error
    return module


def matplotlib_text(task):
    """matplotlib's classes `FontProperties`, `Path` and `TextPath`.

    Args:
        task: str. What they are wanted for.

    Raises:
        ImportError: matplotlib is not installed.
    """
    try:
        from matplotlib.font_manager import FontProperties
        from matplotlib.path import Path
        from matplotlib.textpath import TextPath
    except ImportError as error:
        raise _absent("matplotlib", task, error) from error
    return FontProperties, Path, TextPath


def notebook_display():
    """The module `IPython.display`, for code that runs in a notebook."""
    from IPython import display

    return display
