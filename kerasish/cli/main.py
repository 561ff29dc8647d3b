"""The command line: one parser, one subcommand a file, and one line for every failure."""

import argparse
import os
import re
import sys
import warnings

import kerasish
from kerasish.cli.commands import COMMANDS
from kerasish.errors import nearest

_DESCRIPTION = """\
Train neural networks on NumPy or CuPy from a small config, and use what was trained.

A first run needs no network and no GPU, and takes less than a minute:

  kerasish train configs/digits_cnn.toml
  kerasish predict runs/digits_cnn --index 0 --save-sample digit.png
  kerasish predict runs/digits_cnn digit.png
"""


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one line and offer the nearest right word."""

    def parse_known_args(self, args=None, namespace=None):
        # Left-over words are refused by the command they were given to, which knows its options.
        namespace, stray = super().parse_known_args(args, namespace)
        if stray:
            self.error(f"unrecognized arguments: {' '.join(stray)}")
        return namespace, stray

    def error(self, message):
        unknown = re.search(r"invalid choice: '([^']*)' \(choose from (.*)\)", message)
        if unknown:
            choices = re.findall(r"[\w.-]+", unknown[2])
            message = f"{unknown[1]!r} is not one of {', '.join(choices)}; "
            message += nearest(unknown[1], choices)
        else:
            stray = re.search(r"unrecognized arguments: (--[\w-]+)", message)
            if stray:
                message += f"; {nearest(stray[1], self._option_string_actions)}"
        self.exit(2, f"{self.prog}: {message} (see {self.prog} --help)\n")


def make_parser():
    """Return the parser of the command line."""
    parser = _Parser(
        prog="kerasish",
        description=_DESCRIPTION,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"kerasish {kerasish.__version__}")
    common = _Parser(add_help=False)
    common.add_argument(
        "--debug", action="store_true", help="on failure, show the traceback as well"
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    for command in COMMANDS:
        sub = commands.add_parser(
            command.NAME,
            parents=[common],
            help=command.HELP,
            description=command.DESCRIPTION,
            epilog=command.EPILOG,
            formatter_class=argparse.RawDescriptionHelpFormatter,
        )
        command.add_arguments(sub)
        sub.set_defaults(run=command.run)
    return parser


def main(arguments=None):
    """Run one command.

    Args:
        arguments: list of str or None for the process's own.

    Returns:
        int: exit code; 0 success, 2 failure (one line on stderr), 130 interrupted.
    """
    parsed = make_parser().parse_args(arguments)
    with warnings.catch_warnings():
        warnings.showwarning = _note
        try:
            parsed.run(parsed)
        except KeyboardInterrupt:
            print(
                "kerasish: interrupted; files of an unfinished run are not written", file=sys.stderr
            )
            return 130
        except BrokenPipeError:  # the reader of our output, such as `head`, has gone
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            return 0
        except Exception as error:
            if parsed.debug:
                raise
            print(f"kerasish: {_one_line(error)}", file=sys.stderr)
            return 2
    return 0


def _one_line(error):
    text = " ".join(str(error).split())
    if isinstance(error, (ValueError, OSError, ImportError, RuntimeError)) and text:
        return text
    return f"{type(error).__name__}: {text} (--debug shows where)"


def _note(message, category, filename, lineno, file=None, line=None):
    print(f"note: {' '.join(str(message).split())}", file=sys.stderr)
