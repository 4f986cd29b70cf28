import time

import pytest
from doubles import PatternReader, WordEncoder

from index import Article, ArticleIndex
from index.sentences import split
from qa import Answerer
from qa.asking import RULES, doing, persons
from qa.patterns import readable
from qa.suggest import candidates, near, suggestions

MADE = {
    "who, with a clause": (
        "Dr. Ilse Marovec, who leads the excavation, said so.",
        "Who leads the excavation?",
        "Dr. Ilse Marovec",
    ),
    "who, with a participle": ("The study, led by Ann Otuoma, is out.", "Who led the study?", "Ann Otuoma"),
    "an office": ("Lumenet's founder, Viktor Aslan, will leave.", "Who is Lumenet's founder?", "Viktor Aslan"),
    "a person": (
        "It fell, said Peter Lind, a geochemist at Tarn College.",
        "Who is Peter Lind?",
        "a geochemist at Tarn College",
    ),
    "what was said": (
        "“We lost a wheel and gained a frog,” said director Amara Dosun.",
        "What did Amara Dosun say?",
        "“We lost a wheel and gained a frog,”",
    ),
    "a number and its noun": (
        "The festival, in its 41st year, sold 68,000 tickets.",
        "How many tickets did the festival sell?",
        "68,000",
    ),
    "a number that has": ("The museum has 30 days to appeal.", "How many days does the museum have?", "30"),
    "a number at the beginning": (
        "Some 86,000 homes lost electricity.",
        "How many homes lost electricity?",
        "Some 86,000",
    ),
    "an amount": ("The work has cost 412,000 crowns so far.", "How much has the work cost?", "412,000 crowns"),
    "a reason": (
        "The service was scrapped because the carriages failed an inspection.",
        "Why was the service scrapped?",
        "because the carriages failed an inspection",
    ),
    "a day": ("OSLO, May 3 (NPA) — The yard closed in 2003.", "When did the yard close?", "in 2003"),
    "a day that is to come": (
        "The new president will be sworn in on Dec. 1.",
        "When will the new president be sworn in?",
        "on Dec. 1",
    ),
    "a place": ("The session was held in Havnberg.", "Where was the session held?", "in Havnberg"),
    "what somebody said": (
        "The army would mend the ditches, Capt. Peter Akbar said.",
        "Who said the army would mend the ditches?",
        "Capt. Peter Akbar",
    ),
    "a thing that did something": ("The match drew 5,860 spectators.", "What drew 5,860 spectators?", "The match"),
    "a body that did something": (
        "The council approved the measure on Monday.",
        "Who approved the measure on Monday?",
        "The council",
    ),
    "an age": ("Tobias Renner, 46, came upon the vessel.", "How old is Tobias Renner?", "46"),
    "a time between verb and place": (
        "The board met on Monday in Oslo.",
        "When did the board meet in Oslo?",
        "on Monday",
    ),
    "a time of day": ("The outage began at 10:07 a.m., police said.", "When did the outage begin?", "at 10:07 a.m."),
    "a reason that somebody gives": (
        "Seoul said the ship had drifted because its steering gear had failed.",
        "Why did the ship drift, according to Seoul?",
        "because its steering gear had failed",
    ),
    "an aim": (
        "To save money, the council sold the old hall.",
        "Why did the council sell the old hall?",
        "To save money",
    ),
    "what is to be done": (
        "The embassy plans to renew its wiring.",
        "What does the embassy plan to do?",
        "to renew its wiring",
    ),
    "what something is called by somebody": (
        "A lawyer for Salnik, Eleni Markou, called the accusation absurd.",
        "What did Eleni Markou call the accusation?",
        "absurd",
    ),
    "what for": (
        "A watchman, Dennis Pryce, was treated for smoke inhalation.",
        "What was Dennis Pryce treated for?",
        "smoke inhalation",
    ),
    "how long": ("The agreement runs for ten years.", "How long does the agreement run?", "for ten years"),
    "since when": (
        "Ada Holm has led the school since 2017.",
        "Since when has Ada Holm led the school?",
        "2017",
    ),
    "when, with a participle": ("The lease, signed in 2003, has run out.", "When was the lease signed?", "in 2003"),
    "a name that is given": (
        "The exercise, called Steady Current, ended.",
        "What is the exercise called?",
        "Steady Current",
    ),
    "a thing with a name": (
        "The order went to Tarn Marine, a shipping company in Oslo.",
        "What is Tarn Marine?",
        "a shipping company in Oslo",
    ),
    "who holds an office": (
        "The president of the Growers Association, Ruben Castellano, left.",
        "Who is the president of the Growers Association?",
        "Ruben Castellano",
    ),
    "who is minister": (
        "Finnish Defence Minister Aino Rauta agreed.",
        "Who is the Finnish defence minister?",
        "Aino Rauta",
    ),
    "a role before a name": (
        "It fell, said guild secretary Pita Rangi.",
        "Who is Pita Rangi?",
        "guild secretary",
    ),
    "what is warned of": (
        "Rautio said that the test had been turned back on.",
        "Who said the test had been turned back on?",
        "Rautio",
    ),
    "a deed": (
        "Judge Abel Thornton joined the opinion in full.",
        "Who joined the opinion in full?",
        "Judge Abel Thornton",
    ),
}
NONE = {
    "a pronoun": "It was closed in 2003.",
    "a question that leans": "The yard closed it in 2003.",
    "a river is no person": "By Lake Orveld, a former quarry worker, the road ends.",
    "the dead have no age": "Tobias Renner, 46, died there on Tuesday.",
    "a verb that is not known": "The frobs glim 30 tickets.",
    "a participle is no deed": "The vessel seen in May sank.",
    "a thing that sounds like somebody": "The flight data recorder held 25 hours of data.",
    "what is said of no one": "The army would mend the ditches, it said.",
    "an amount is no count": "Shares lost 30 points.",
    "a participle with a time is no verb": "The surcharge introduced in February takes a further $6.",
    "the time of another clause": "The rules became necessary after the ferry lost power on Feb. 17.",
    "somebody whom no one can tell from others": "A son died in 2011.",
    "a plural that looks like a verb": "The coast guards of Vietnam will, on Monday, go.",
    "markup": "<script>alert(1)</script> $$x$$ \x00",
    "nothing": "",
    "a pronoun for a thing": "The one cost the district about 640 million kronur.",
}
NEWS = Article(
    "The festival sold 68,000 tickets. Dr. Ilse Marovec, who leads the excavation, was glad. "
    "The yard closed in 2003. The yard reopened in 2009. Tobias Renner, 46, came upon the vessel."
)


def made(sentence):
    return [
        (question, sentence[slice(*place)])
        for rule in (doing(persons(sentence)), *RULES)
        for question, place in rule(sentence)
        if readable(question)
    ]


@pytest.mark.parametrize(("sentence", "question", "expected"), MADE.values(), ids=MADE)
def test_a_sentence_becomes_a_question_whose_answer_stands_in_it(sentence, question, expected):
    assert (question, expected) in made(sentence)


@pytest.mark.parametrize("sentence", NONE.values(), ids=NONE)
def test_a_sentence_that_no_rule_is_sure_of_becomes_no_question(sentence):
    assert made(sentence) == []


def test_whoever_the_article_lets_speak_is_asked_for_with_who():
    speaking = persons("“It was time,” said Tobias Renner. It was, said Lake Orveld.")
    assert speaking == {"Renner"}
    assert list(doing(speaking)("Renner opened the yard in May.")) == [("Who opened the yard in May?", (0, 6))]
    assert list(doing(frozenset())("Renner opened the yard in May.")) == []


class Counting(PatternReader):
    """Finds what its pattern finds, and remembers what it was asked."""

    def __init__(self, pattern):
        super().__init__(pattern)
        self.asked = []

    def read(self, question, passages, *, longest, top):
        self.asked.append(question)
        return super().read(question, passages, longest=longest, top=top)


def answerer(pattern, article=NEWS):
    return Answerer(ArticleIndex.from_article(article, encoder=WordEncoder("yard")), reader=Counting(pattern))


def test_only_questions_whose_answer_comes_back_from_their_own_place_are_suggested():
    found = suggestions(answerer("68,000"))
    assert [(each.question, each.answer.text) for each in found] == [
        ("How many tickets did the festival sell?", "68,000")
    ]
    assert suggestions(answerer("came upon")) == ()


class Knowing(PatternReader):
    """Finds the answer by the first word of the question."""

    def read(self, question, passages, *, longest, top):
        self.pattern = {"How": "68,000", "Who": "Dr. Ilse Marovec", "When": "2003"}.get(question.split()[0], "nothing")
        return super().read(question, passages, longest=longest, top=top)


def knowing():
    return Answerer(ArticleIndex.from_article(NEWS, encoder=WordEncoder("yard")), reader=Knowing(""))


def test_suggestions_stand_in_the_order_of_the_text_and_are_no_more_than_asked_for():
    found = [each.question for each in suggestions(knowing())]
    assert found == ["How many tickets did the festival sell?", "Who leads the excavation?", "When did the yard close?"]
    assert [each.question for each in suggestions(knowing(), most=1)] == ["Who leads the excavation?"]
    assert suggestions(knowing()) == suggestions(knowing())


def test_the_reader_is_asked_a_bounded_number_of_questions():
    many = Article(" ".join(f"The club sold {number} tickets to the hall{number}. " for number in range(10, 60)))
    asking = answerer("nothing", Article(NEWS.text + " " + many.text))
    assert suggestions(asking, reads=3) == ()
    assert len(asking.reader.asked) == 3


def test_a_question_that_two_sentences_answer_is_not_suggested():
    article = Article("The yard closed in 2003. Then the yard was sold. The yard closed in 2009.")
    assert candidates(ArticleIndex.from_article(article, encoder=WordEncoder("yard")).sentences) == []


def test_the_suggestions_nearest_to_a_question_share_its_words():
    found = tuple(each.question for each in suggestions(knowing()))
    assert near("Who paid for the excavation?", found, most=1) == ("Who leads the excavation?",)
    assert near("Who?", found) == found[:2]
    assert near("Who?", ()) == ()


def test_a_capital_makes_a_name_only_where_it_stands_in_the_middle_of_a_sentence_too():
    encoder = WordEncoder("tickets")
    begins = Article("Gardeners sold 30 tickets. Nobody came.")
    named = Article("Kestrel sold 30 tickets. Nobody knew Kestrel.")
    made = [candidates(ArticleIndex.from_article(each, encoder=encoder).sentences) for each in (begins, named)]
    assert [[each.question for each in found] for found in made] == [[], ["How many tickets did Kestrel sell?"]]


@pytest.mark.parametrize(("between", "count"), [(" ", 1), ("\n", 0)])
def test_what_somebody_said_may_be_another_quotation_of_the_same_paragraph(between, count):
    text = f"“We lost a wheel and gained a frog,” said Amara Dosun.{between}“It hops.”"
    assert len(suggestions(answerer("“It hops.”", Article(text)))) == count


@pytest.mark.parametrize(
    "sentence",
    [
        "Relatives of John Marsh sued the bank in 2010.",
        "Ada Holm and John Marsh founded the mill in 1990.",
        "The injured were taken to hospital on Monday.",
        "The police ask drivers to stay away from the bridge.",
    ],
)
def test_of_a_sentence_that_no_rule_understands_nothing_is_asked(sentence):
    assert not candidates(split(Article(sentence)))


def test_whoever_has_a_trade_is_somebody_and_belongs_to_no_thing_of_that_name():
    asked = {each.question for each in candidates(split(Article("Ada Holm, a union official, spoke on Monday.")))}
    assert asked == {"When did Ada Holm speak?", "Who is Ada Holm?"}
    widow = candidates(split(Article("The widow of a salt merchant, Katharina Prandl, paid 74 florins.")))
    assert "Who paid 74 florins?" in {each.question for each in widow}
    assert "Who is Katharina Prandl?" not in {each.question for each in widow}


@pytest.mark.parametrize("text", ["A. B. " * 300 + "and others.", "ACGT" * 300 + " is it."])
def test_rows_of_capitals_are_gone_through_in_no_time(text):
    started = time.process_time()
    candidates(split(Article(f"The choir: {text}")))
    assert time.process_time() - started < 5
