"""One file a subcommand; each has NAME, HELP, DESCRIPTION, EPILOG, add_arguments and run."""

from kerasish.cli.commands import (
    datasets,
    devices,
    evaluate,
    export,
    info,
    predict,
    summary,
    train,
)

COMMANDS = (train, evaluate, predict, summary, export, datasets, devices, info)
