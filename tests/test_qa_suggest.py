import pytest
from doubles import PatternReader, WordEncoder

from index import Article, ArticleIndex
from qa import Answerer
from qa.patterns import RULES, doing, persons, readable
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
    "markup": "<script>alert(1)</script> $$x$$ \x00",
    "nothing": "",
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
    begins = Article("Officials sold 30 tickets. Nobody came.")
    named = Article("Kestrel sold 30 tickets. Nobody knew Kestrel.")
    made = [candidates(ArticleIndex.from_article(each, encoder=encoder).sentences) for each in (begins, named)]
    assert [[each.question for each in found] for found in made] == [[], ["How many tickets did Kestrel sell?"]]


@pytest.mark.parametrize(("between", "count"), [(" ", 1), ("\n", 0)])
def test_what_somebody_said_may_be_another_quotation_of_the_same_paragraph(between, count):
    text = f"“We lost a wheel and gained a frog,” said Amara Dosun.{between}“It hops.”"
    assert len(suggestions(answerer("“It hops.”", Article(text)))) == count
