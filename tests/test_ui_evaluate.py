"""`verbatim evaluate` as a person sees it: the table, the report, the plots, the errors, and what it refuses."""

import json
import math
from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image

from index.errors import VerbatimError
from index.text import Article
from qa.answer import Answer
from qa.dataset import Question
from qa.evaluate import Outcome, summarize
from qa.metrics import Bin
from ui.evaluate import LABELS, described, run, table
from ui.plot import BLUE, plot

NEWS = Path(__file__).parent / "news-sample.json"
TOWN = Article("The port opened in 1902. The mill burned in 1931.")


def outcome(said="1902", gold="1902", *, confidence=0.9, margin=3.0, question="When?"):
    """An outcome whose forced answer is "1931"."""

    def span(text):
        return TOWN.span(TOWN.text.index(text), TOWN.text.index(text) + len(text)) if text else None

    answer = Answer(question, TOWN, span(said), TOWN.span(0, 24) if said else None, confidence)
    forced = Answer(question, TOWN, span("1931"), TOWN.span(25), 0.5)
    right, anyway = float(said == gold), float(gold == "1931")
    asked = Question("q1", question, TOWN, (span(gold),) if gold else ())
    return Outcome(asked, answer, forced, margin, math.nan, 0.25, right, right, anyway, anyway)


REPORT = summarize([outcome(), outcome("1902", ""), outcome("", ""), outcome("", "1931")], resamples=20)


def test_the_table_gives_each_number_with_its_interval():
    report = replace(REPORT, metrics={"f1": 0.5, "auroc": 0.8764}, intervals={"f1": (0.25, 1.0), "auroc": (0.5, 0.9)})
    assert [line.split() for line in table(report).splitlines()] == [
        ["4", "questions,", "2", "with", "an", "answer", "95", "%", "interval"],
        ["F1", "50.0", "25.0", "to", "100.0"],
        ["AUROC", "of", "the", "margin", "0.876", "0.500", "to", "0.900"],
        ["seconds", "per", "question", "0.250", "95", "%", "within", "0.250"],
    ]


def test_the_table_leaves_no_number_out():
    assert not set(REPORT.metrics) - set(LABELS)


def test_a_margin_at_which_nothing_or_everything_is_answered_is_said_in_words():
    never = {"best_threshold": math.inf}
    shown = table(replace(REPORT, metrics=never, intervals={"best_threshold": (-math.inf, math.inf)}))
    assert "never   always to never" in shown


def test_an_error_reads_as_asked_expected_and_said():
    assert described(outcome("1902", "1931")).splitlines() == [
        "q1: confidence 90 %, margin +3.0, F1 0",
        "  asked    When?",
        "  expected 1931",
        "  said     1902",
        "  in       The port opened in 1902.",
    ]
    silent = described(outcome("", "1931")).splitlines()
    assert silent[3:] == ["  said     silence, instead of: 1931"]
    assert "  expected silence" in described(outcome("1902", ""))


def test_an_error_cannot_steer_the_terminal():
    assert "\x1b" not in described(outcome(question="When\x1b[2J?\nreally"))


def test_the_plot_fills_a_bin_up_to_its_share_right():
    bins = (Bin(0, 0.5, 0, 0.0, 0.0), Bin(0.5, 1, 4, 0.75, 0.5))
    image = plot(replace(REPORT, bins=bins))
    left, top, side = 80, 80, 400

    def colour(x, y):
        return "#{:02x}{:02x}{:02x}".format(*image.getpixel((left + int(side * x), top + int(side * (1 - y)))))

    assert image.size == (1040, 560)
    assert colour(0.7, 0.45) == BLUE
    assert colour(0.7, 0.6) == colour(0.3, 0.45) == "#ffffff"


REFUSED = [("no/such/folder/report.json", "no/such/folder"), ("", "report cannot be written"), ("plot.png", "plot.png")]


@pytest.mark.parametrize(("output", "says"), REFUSED)
def test_a_report_that_could_not_be_written_is_refused_before_any_question(tmp_path, output, says):
    with pytest.raises(VerbatimError, match=says):
        run(NEWS, output=tmp_path / output, reader="no model would be loaded")


def test_a_file_without_questions_is_refused(tmp_path):
    path = tmp_path / "empty.json"
    path.write_text(json.dumps({"data": [{"title": "Town", "paragraphs": [{"context": TOWN.text, "qas": []}]}]}))
    with pytest.raises(VerbatimError, match="holds no question"):
        run(path)


def test_the_bundled_reader_goes_through_a_file_to_a_report_and_a_plot(tmp_path, capsys):
    output = tmp_path / "report.json"
    assert run(NEWS, limit=6, seed=1, errors=6, output=output) == 0
    out, err = capsys.readouterr()
    assert "6 of 60 questions" in err
    report = json.loads(output.read_text(encoding="utf-8"))
    wrong = 6 - round(6 * report["metrics"]["exact"]["value"])
    assert (report["questions"], report["context"], report["limit"], report["seed"]) == (6, "paragraph", 6, 1)
    assert len(report["errors"]) == out.count("  asked ") == wrong
    assert out.startswith(f"6 questions, {report['answerable']} with an answer")
    with Image.open(tmp_path / "report.png") as image:
        assert image.format == "PNG"


@pytest.mark.parametrize("context", ["article", "library"])
def test_retrieval_is_measured_where_articles_are_searched(tmp_path, capsys, context):
    output = tmp_path / "report.json"
    assert run(NEWS, context=context, limit=3, output=output) == 0
    metrics = json.loads(output.read_text(encoding="utf-8"))["metrics"]
    assert metrics["recall@20"]["value"] == 1
    assert "gold sentence among the best 8" in capsys.readouterr().out


def test_a_file_of_conversations_compares_the_ways_of_asking(tmp_path, capsys):
    turns = [
        {"question": "When did the port open?", "answers": [{"text": "1902", "answer_start": 19}]},
        {"question": "And the mill?", "answers": [{"text": "1931", "answer_start": 44}]},
    ]
    written = ["When did the port open?", "When did the mill burn?"]
    talk = [{**turn, "standalone": text} for turn, text in zip(turns, written, strict=True)]
    path, output = tmp_path / "talk.json", tmp_path / "report.json"
    path.write_text(json.dumps({"data": [{"title": "Town", "context": TOWN.text, "conversations": [talk]}]}))
    assert run(path, output=output) == 0
    ways = json.loads(output.read_text(encoding="utf-8"))["ways"]
    assert ways["written out"]["f1"][0] == 1.0
    shown = capsys.readouterr().out
    assert all(way in shown for way in ("with history", "without history", "written out"))
    path.write_text(json.dumps({"data": [{"title": "Town", "context": TOWN.text, "conversations": [talk[:1]]}]}))
    assert run(path, output=output) == 0  # no turn follows
    assert "later_f1" not in json.loads(output.read_text(encoding="utf-8"))["ways"]["written out"]
    assert " - " in capsys.readouterr().out.replace("\n", " \n")


def test_a_report_never_takes_the_place_of_its_questions(tmp_path):
    file = tmp_path / "own.json"
    file.write_bytes(NEWS.read_bytes())
    (tmp_path / "plot.png").write_bytes(NEWS.read_bytes())
    for questions, output in ((file, file), (tmp_path / "plot.png", tmp_path / "plot.json")):
        with pytest.raises(VerbatimError, match="cannot be written"):
            run(questions, output=output)
    assert file.read_bytes() == NEWS.read_bytes()
