"""The command line: train, calibrate, evaluate, parity, score, card."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, BinaryIO, TextIO

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from classifiers.contract import ClassifierError, Sensitivity

BAD_FILE = 2
SOME_LINES_BAD = 1

_ROOT = Path(__file__).resolve().parent.parent
_WEIGHTS = Path(__file__).resolve().parent / "weights"

app = typer.Typer(no_args_is_help=True, add_completion=False, help=__doc__, pretty_exceptions_enable=False)

Weights = Annotated[Path, typer.Option(help="Folder of trained weights.")]
Seeds = Annotated[Path, typer.Option(help="Folder of seeds.")]
Encoder = Annotated[str, typer.Option(help='"bundled", a folder, or a hub id.')]
Threads = Annotated[int, typer.Option(min=1, help="Threads that torch may use.")]
Device = Annotated[str, typer.Option(help="cpu, cuda, mps …")]
Data = Annotated[Path | None, typer.Option(help="The data folder; without it only the seeds folder is used.")]


@contextmanager
def _plain_errors() -> Iterator[None]:
    """Turn a known failure into one line on stderr and exit code 2."""
    try:
        yield
    except (ClassifierError, OSError) as error:
        typer.echo(f"error: {error}", err=True)
        raise typer.Exit(BAD_FILE) from None


@contextmanager
def _bar(label: str) -> Iterator[Progress]:
    columns = (
        TextColumn(label),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[note]}"),
    )
    with Progress(*columns, console=Console(stderr=True)) as bar:
        yield bar


@app.command()
def train(
    out: Annotated[
        Path, typer.Option(help="Where the weights go; the run's state is kept in its folder run/.")
    ],
    data: Data = None,
    seeds: Seeds = _ROOT / "seeds",
    encoder: Encoder = "bundled",
    epochs: Annotated[int, typer.Option(min=1)] = 6,
    seed: Annotated[int, typer.Option(help="Source of chance.")] = 1,
    lora_rank: Annotated[int, typer.Option(min=0, help="0 trains the whole encoder.")] = 0,
    device: Device = "cpu",
    threads: Threads = 2,
    workers: Annotated[int, typer.Option(min=1, help="Processes that train together, for CPUs.")] = 1,
) -> None:
    """Train, calibrate and export; an interrupted run with the same options goes on after its last epoch."""
    from classifiers.training.pipeline import train_and_export
    from classifiers.training.settings import TrainingSettings

    settings = TrainingSettings(seed=seed, epochs=epochs, lora_rank=lora_rank)
    with _plain_errors(), _bar("training") as bar:
        task = bar.add_task("", total=None, note="reading")

        def progress(done: int, total: int, loss: float) -> None:
            bar.update(task, completed=done, total=total, note=f"loss {loss:.3f}")

        model_id = train_and_export(
            data,
            seeds,
            out,
            settings,
            encoder=encoder,
            device=device,
            threads=threads,
            workers=workers,
            progress=progress,
        )
    typer.echo(f"{model_id} is in {out}")


@app.command()
def calibrate(
    data: Data = None,
    weights: Weights = _WEIGHTS,
    seeds: Seeds = _ROOT / "seeds",
    encoder: Encoder = "bundled",
    device: Device = "cpu",
    threads: Threads = 2,
) -> None:
    """Fit calibration and thresholds again, on held-out rows and the first half of ordinary talk."""
    from classifiers.training.pipeline import recalibrate

    with _plain_errors():
        model_id, measured = recalibrate(
            data, weights, seeds, encoder=encoder, device=device, threads=threads
        )
    typer.echo(f"{model_id}: {measured}")


@app.command()
def evaluate(
    data: Annotated[Path, typer.Option(help="JSON lines with votes or flag, techniques and spans.")],
    report: Annotated[Path | None, typer.Option(help="Folder for JSON, Markdown and plots.")] = None,
    weights: Weights = _WEIGHTS,
    seeds: Seeds = _ROOT / "seeds",
    encoder: Encoder = "bundled",
    device: Device = "cpu",
    threads: Threads = 2,
) -> None:
    """Measure the model against people's labels."""
    import json

    from classifiers.evaluation.judged import judge
    from classifiers.evaluation.measures import measure
    from classifiers.evaluation.report import write_report
    from classifiers.factory import build_engine
    from classifiers.labelled import read_labelled

    with _plain_errors(), _bar("assessing") as bar:
        rows = read_labelled(data, "natural")
        engine = build_engine(encoder=encoder, weights=weights, seeds=seeds, device=device, threads=threads)
        task = bar.add_task("", total=len(rows), note="")
        judged = judge(engine, rows, lambda count: bar.advance(task, count))
        measures = measure(judged, engine.calibration.grades, engine.info.thresholds)
        if report is not None:
            write_report(judged, measures, report, f"{engine.info.model_id} on {data.name}")
    typer.echo(json.dumps({k: v for k, v in measures.items() if k != "corners"}, indent=1))


@app.command()
def parity(
    data: Annotated[Path, typer.Option(help="JSON lines with side-swap and minimal pairs.")],
    sensitivity: Sensitivity = Sensitivity.BALANCED,
    weights: Weights = _WEIGHTS,
    seeds: Seeds = _ROOT / "seeds",
    encoder: Encoder = "bundled",
    device: Device = "cpu",
    threads: Threads = 2,
) -> None:
    """Measure whether both sides are judged alike and minimal pairs are ranked right."""
    import json

    from classifiers.evaluation.judged import judge
    from classifiers.evaluation.parity import by_side
    from classifiers.evaluation.parity import parity as measure_parity
    from classifiers.factory import build_engine
    from classifiers.labelled import read_labelled

    with _plain_errors(), _bar("assessing") as bar:
        rows = read_labelled(data, "authored")
        engine = build_engine(encoder=encoder, weights=weights, seeds=seeds, device=device, threads=threads)
        task = bar.add_task("", total=len(rows), note="")
        judged = judge(engine, rows, lambda count: bar.advance(task, count))
    found = measure_parity(judged, engine.info.thresholds[sensitivity])
    typer.echo(
        json.dumps({**found, "plain_by_side": by_side(judged, dict(engine.info.thresholds))}, indent=1)
    )


@app.command()
def score(
    source: Annotated[
        str, typer.Option("--input", help='JSON lines with id, text and maybe context; "-" is stdin.')
    ],
    target: Annotated[str, typer.Option("--output", help='Where the scores go; "-" is stdout.')] = "-",
    sensitivity: Sensitivity = Sensitivity.BALANCED,
    weights: Weights = _WEIGHTS,
    seeds: Seeds = _ROOT / "seeds",
    encoder: Encoder = "bundled",
    device: Device = "cpu",
    threads: Threads = 2,
) -> None:
    """Score messages, one JSON line each, in order; exit code 1 when a line was bad, 2 when a file was."""
    from classifiers.factory import build_engine
    from classifiers.scoring import score_lines

    bad: list[int] = []

    def complain(number: int, reason: str) -> None:
        bad.append(number)
        typer.echo(f"line {number}: {reason}", err=True)

    with _plain_errors(), _bar("scoring") as bar, _reading(source) as lines, _writing(target) as results:
        engine = build_engine(encoder=encoder, weights=weights, seeds=seeds, device=device, threads=threads)
        task = bar.add_task("", total=None, note="")
        for row in score_lines(lines, engine, engine.info.thresholds[sensitivity], complain):
            results.write(row + "\n")
            bar.advance(task)
    if bad:
        raise typer.Exit(SOME_LINES_BAD)


@app.command()
def card(
    data: Annotated[Path, typer.Option(help="The data folder.")],
    out: Annotated[Path, typer.Option(help="The model card to write.")] = _ROOT / "docs" / "MODEL_CARD.md",
    figures: Annotated[Path, typer.Option(help="Where the figures go as JSON.")] = _ROOT
    / "benchmarks"
    / "model.json",
    weights: Weights = _WEIGHTS,
    seeds: Seeds = _ROOT / "seeds",
    threads: Threads = 2,
) -> None:
    """Measure everything the model card promises and write the card."""
    from classifiers.training.card import write_card

    with _plain_errors(), _bar("measuring") as bar:
        task = bar.add_task("", total=None, note="")
        write_card(
            data, out, figures, weights, seeds, threads, lambda note: bar.update(task, advance=1, note=note)
        )
    typer.echo(f"wrote {out} and {figures}")


@contextmanager
def _reading(name: str) -> Iterator[BinaryIO]:
    if name == "-":
        yield sys.stdin.buffer
        return
    with Path(name).open("rb") as stream:
        yield stream


@contextmanager
def _writing(name: str) -> Iterator[TextIO]:
    if name == "-":
        yield sys.stdout
        return
    with Path(name).open("w", encoding="utf-8") as stream:
        yield stream


if __name__ == "__main__":
    app()
