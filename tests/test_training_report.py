"""What a run tells, drawn: progress, notes, the summary with its plots, as text and as a page."""

from __future__ import annotations

from confguard.report.html import page
from confguard.report.training import blocks, curves, event_lines, progress, spark, summary
from confguard.words.training import Begun, Ended, Evaluated, Logged, Note, Saved, Step

HISTORY = [Step(n, n / 10, {"math": n / 10, "qa": n / 20}, {"correctness": n / 100}, 1.0, 5.0, 0.1) for n in range(1, 81)]
ENDED = Ended("done", 80, "out", "out/checkpoint-80", HISTORY, "0" * 64)
NATIVE = Ended("interrupted", 3, "out", None, [Step(n, None, {}, {}, None, None, 0.1, {"loss": 1 / n}) for n in (1, 2, 3)], None)


def told(lines: object) -> str:
    return "\n".join("".join(text for _, text in line) for line in lines)  # type: ignore[attr-defined]


def test_facts_stand_under_one_another() -> None:
    lines = told(event_lines(Begun(80, 0, {"model": "m", "memory": "word " * 30}), 60)).splitlines()
    assert lines[0] == "model   m"
    assert len(lines) > 3
    assert all(line.startswith("        word") for line in lines[2:])
    assert max(map(len, lines)) <= 60


def test_events_are_told_in_a_line() -> None:
    assert told(event_lines(Begun(80, 40, {}), 80)) == "goes on after step 40 of 80"
    assert told(event_lines(Note("look\x1b[31m", "warning"), 80)) == "warning: look\\x1b[31m"
    assert told(event_lines(Saved(5, "out/checkpoint-5"), 80)) == "saved out/checkpoint-5"
    assert told(event_lines(Evaluated("test", 80, 8.75, {"qa": 9.0}), 80)) == "test: reward 8.75 of 10 after step 80 (qa 9.00)"
    assert told(event_lines(Logged(1, {}), 80)) == ""


def test_progress_fits_the_line() -> None:
    line = told([progress(HISTORY[39], 80, Logged(40, {"loss": 0.5, "kl": 0.25}), 100)])
    assert line == "━━━━━━━━━━────────── step 40/80  reward 4.00  loss 0.5  kl 0.25  temperature 1  0.1 s a step"
    assert len(told([progress(HISTORY[39], 80, None, 30)])) <= 30


def test_the_summary_says_what_was_learnt() -> None:
    text = told(summary(ENDED, 100))
    assert "done after step 80" in text
    assert "0.30 to 7.80 of 10" in text
    assert "  qa           0.15 to 3.90 of 10" in text
    assert "--resume" not in text


def test_an_interrupted_run_says_how_to_go_on() -> None:
    text = told(summary(NATIVE, 100))
    assert "go on with the same command and --resume" in text
    assert "1 to 0.3333" in text
    assert curves(NATIVE.history) == {"loss": [(1.0, 1.0), (2.0, 0.5), (3.0, 1 / 3)]}


def test_a_run_without_a_step_has_a_summary() -> None:
    empty = Ended("nothing left to do", 80, "out", None, [], None)
    assert "nothing left to do after step 80" in told(summary(empty, 80))
    assert "nothing left to do" in page(blocks(empty, "Run", {}))


def test_the_page_has_the_curves_and_what_was_learnt() -> None:
    drawn = page(blocks(ENDED, "Training run out", {"model": "<m>"}))
    assert drawn.count("<svg") == 1
    assert "What was learnt" in drawn
    assert "&lt;m&gt;" in drawn
    assert "<svg" in page(blocks(NATIVE, "Run", {}))


def test_a_curve_of_one_value_is_flat() -> None:
    assert spark([2.0, 2.0, 2.0], 10) == "▁▁▁"
    assert len(spark(list(range(1000)), 60)) <= 60
