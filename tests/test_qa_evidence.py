import pytest

from index.search import Passage
from index.sentences import split
from index.text import Article
from qa.evidence import content, evidence, verdict

TEXT = (
    "Koizumi praised the 'peace through strength' policy. Hegseth welcomed these efforts. "
    "The old mill was not sold to the town. He might return in May. The ferry sank in 1953."
)


def passages(text=TEXT, scores=None):
    article = Article(text)
    sentences = split(article)
    return [Passage(article.span(), sentences, scores or (0.0,) * len(sentences))]


VERDICTS = {
    "the same words": ("Did Hegseth welcome the efforts?", "Hegseth welcomed these efforts.", "yes"),
    "the opposite": ("Did Hegseth criticize the efforts?", "Hegseth welcomed these efforts.", "no"),
    "a negation": ("Was the mill sold to the town?", "The old mill was not sold to the town.", "no"),
    "a negation further on": ("Was the mill sold?", "The mill was sold, though nobody knew why.", None),
    "a negation behind all of it": ("Was the old mill sold?", "The old mill was sold in May, and nobody knew.", "yes"),
    "one word of meaning and a verb": ("Was the mill sold?", "The mill was sold in May.", "yes"),
    "a word is missing": ("Did Hegseth welcome the plan?", "Hegseth welcomed these efforts.", None),
    "another verb": ("Did Hegseth mock the efforts?", "Hegseth welcomed these efforts.", None),
    "roles the other way round": ("Did Japan attack China?", "China attacked Japan.", None),
    "what may be": ("Did Hegseth return in May?", "Hegseth might return in May.", None),
    "what is denied": ("Did Hegseth meet Koizumi?", "He denied that Hegseth met Koizumi.", None),
    "what is meant": ("Did the firm buy the mill?", "The firm offered to buy the mill.", None),
    "what will be": ("Did the mill open?", "The mill will open.", None),
    "a question that negates": ("Didn't Hegseth welcome the efforts?", "Hegseth welcomed these efforts.", None),
    "two subjects": ("Did the mill close?", "The mill prospered; the school closed.", None),
    "what should be": ("Should the town sell the mill?", "The town sold the mill.", None),
    "what is so now": ("Is the bridge open?", "The bridge opened in 1950.", None),
    "what is still so": ("Is the bridge still open?", "The bridge is open.", None),
    "all of them": ("Did all the members vote?", "The members voted.", None),
    "a tense": ("Did the ferry sink in 1953?", "The ferry sank in 1953.", "yes"),
    "done to the subject": ("Did Japan attack China?", "Japan was attacked by China.", None),
    "done to it, as asked": ("Was Ann killed by Bob?", "Ann was killed by Bob.", "yes"),
    "of somebody of his": ("Did Smith resign?", "Smith's deputy resigned.", None),
    "of somebody of theirs": ("Did Ann meet Bob?", "Ann met Bob's wife.", None),
    "of theirs, as asked": ("Did Japan's army attack China?", "Japan's army attacked China.", "yes"),
    "another subject between": ("Did Mary leave?", "Mary said John left.", None),
    "what another one does": ("Did France win the cup?", "France watched Croatia win the cup.", None),
    "of whom something is told": ("Was John Smith arrested?", "John Smith, whose brother was arrested, left.", None),
    "accents apart": ("Did Re\u0301ne\u0301e leave?", "Rénée left.", "yes"),
    "an institution that is spelt like a pronoun": ("Did the US attack Iran?", "Israel attacked Iran on Monday.", None),
    "another who": ("Did the WHO declare an emergency?", "Peru declared an emergency.", None),
    "another month": ("Did the mayor resign in May?", "The mayor resigned in June.", None),
    "another May": ("Did May win the vote?", "Corbyn won the vote.", None),
    "another letter": ("Does vitamin D help patients?", "Vitamin C helps patients.", None),
    "another thousand": ("Did the company cut 500 jobs?", "The company cut 1,500 jobs.", None),
    "another currency": ("Did the ticket cost $50?", "The ticket cost €50.", None),
    "no one": ("Did police arrest anyone?", "Police arrested no one.", None),
    "hardly": ("Did the minister answer questions?", "The minister barely answered questions.", None),
    "far from it": ("Is the river safe?", "The river is far from safe.", None),
    "another side": ("Did the senator vote for the bill?", "The senator voted against the bill.", None),
    "another direction": ("Did the ship sail to Norway?", "The ship sailed from Norway.", None),
    "another time": ("Did the attack happen before the election?", "The attack happened after the election.", None),
    "outside": ("Is smoking banned in Leeds?", "Smoking is banned outside Leeds.", None),
    "the other one beat": ("Was Smith beaten by Jones?", "Smith beat Jones.", None),
    "the other one died": ("Was Smith killed in Leeds?", "Smith killed Jones in Leeds.", None),
    "it was done to him": ("Did the driver kill two passengers?", "The driver was killed with two passengers.", None),
    "the vice president": ("Did the president sign the treaty?", "The vice president signed the treaty.", None),
    "one half of it": ("Did Korea win the match?", "North Korea won the match.", None),
    "another York": ("Did Leeds beat York?", "Leeds beat New York.", None),
    "a wife": ("Did Smith meet the president?", "Smith met the wife of the president.", None),
    "a bus of theirs": ("Did the storm destroy the school?", "The storm destroyed the school bus.", None),
    "no longer": ("Is Smith the mayor of Leeds?", "Smith is the former mayor of Leeds.", None),
    "a horse of his": ("Did the king die?", "The horse of the king died.", None),
    "what is due": ("Was the factory closed in June?", "The factory is due to be closed in June.", None),
    "what is suspected": ("Did Smith kill Jones?", "Police suspect Smith killed Jones.", None),
    "what is going on": ("Did the firm sell the mill?", "The firm is selling the mill.", None),
    "what was so": ("Does Smith live in Leeds?", "Smith lived in Leeds as a child.", None),
    "what is so": ("Does Smith live in Leeds?", "Smith lives in Leeds.", "yes"),
    "a negation of something else": ("Did Smith resign on Monday?", "Smith resigned without comment on Monday.", None),
    "an age negated": ("Did the mayor win the election?", "The mayor, not yet 40, won the election.", None),
    "no fewer than": ("Did Smith win ten medals?", "Smith won no fewer than ten medals.", None),
    "a deed that it takes first": ("Was Smith hired by the club?", "Smith was fired by the club.", None),
    "a refusal": ("Did Smith sign the treaty?", "Smith refused to sign the treaty.", None),
    "a denial": ("Did Smith sign the treaty?", "Smith didn't sign the treaty.", "no"),
    "shouted": ("DID SMITH SIGN THE TREATY?", "Smith signed the treaty.", "yes"),
    "a negation of how": ("Did Smith resign?", "Smith did not resign immediately.", None),
    "a negation of it": ("Did Smith resign?", "Smith did not resign.", "no"),
    "never": ("Did Smith win the election?", "Smith never won the election.", "no"),
    "what police say": ("Did Smith kill Jones?", "Police say Smith killed Jones.", None),
    "according to somebody": ("Did Smith kill Jones?", "Smith killed Jones, according to the indictment.", None),
    "how it was done": ("Did Smith kill Jones?", "Police are investigating how Smith killed Jones.", None),
    "an ally": ("Did Israel attack Iran?", "Israel attacked Iran ally Syria.", None),
    "a supply": ("Did the fire destroy the food?", "The fire destroyed the food supply.", None),
    "a president of theirs": ("Did the president die?", "The company's president died.", None),
    "a shadow minister": ("Did the minister resign?", "The shadow minister resigned.", None),
    "another month, typed small": ("did the mayor resign in may?", "The mayor resigned in June.", None),
    "what is to come": ("Will the school close?", "The school closed in 1990.", None),
    "last year": ("Did Smith win the election?", "Smith won the election last year.", "yes"),
    "a day": ("Did the Senate pass the bill?", "The Senate passed the bill Tuesday.", "yes"),
    "a day before": ("Did the president sign the bill?", "On Monday the president signed the bill.", "yes"),
    "a title": ("Did Smith resign?", "Mr Smith resigned on Monday.", "yes"),
    "initials": ("Did the US attack Iran?", "The U.S. attacked Iran.", "yes"),
    "an adjective and its opposite": ("Is the museum open on Mondays?", "The museum is closed on Mondays.", "no"),
    "not yet": ("Has Turkey chosen its counsel?", "Turkey has not yet chosen counsel.", "no"),
    "an age": ("Was Ada Holm treated for shock?", "A nurse, Ada Holm, 60, was treated for shock.", "yes"),
    "another year": ("Did the ferry sink in 1954?", "The ferry sank in 1953.", None),
}


@pytest.mark.parametrize(("question", "sentence", "expected"), VERDICTS.values(), ids=VERDICTS)
def test_yes_and_no_are_said_only_where_the_sentence_says_the_questions_words(question, sentence, expected):
    assert verdict(question, sentence) == expected


def test_the_sentence_with_most_of_the_questions_words_settles_it():
    found = evidence("Did Hegseth welcome the efforts?", passages())
    assert (found.sentence.text, found.share, found.verdict) == ("Hegseth welcomed these efforts.", 1.0, "yes")


def test_a_sentence_that_leans_on_the_one_before_borrows_its_words():
    text = "Marta Oelke runs the foundry. He sleeps. She bought and mended it in 1969."
    question = "Did Marta Oelke buy and mend it in 1969?"
    assert (
        evidence(question, passages(text.replace("He sleeps. ", ""))).share > evidence(question, passages(text)).share
    )


def test_of_equals_the_one_nearer_in_retrieval_settles_it_else_the_earlier():
    text = "The mill burned. The mill stood."
    assert evidence("Was the mill sold?", passages(text)).sentence.text == "The mill burned."
    assert evidence("Was the mill sold?", passages(text, (0.1, 0.2))).sentence.text == "The mill stood."


@pytest.mark.parametrize("question", ["Is it?", "Did dragons dance?", "Was?"])
def test_where_no_sentence_has_a_word_of_the_question_there_is_no_evidence(question):
    assert evidence(question, passages()) is None


def test_a_name_that_the_text_does_not_hold_weighs_most():
    with_name = evidence("Did Gandalf welcome the efforts?", passages())
    assert with_name.share < 0.75
    assert with_name.verdict is None


def test_contractions_mean_nothing():
    for asked in ("Isn't the bridge open?", "Isn’t the bridge open?", "Isnt the bridge open?"):
        assert content(asked) == content("bridge open")
    assert content("Haven't they'll the town's?") == content("town")


def test_words_of_meaning_are_stems_each_once():
    assert content("The ferry's captains rode, and the captain was riding; she built 1,100 mills.") == content(
        "ferry captain ride build 1,100 mill"
    )
