import pytest

from qa.kinds import kind, wanted

KINDS = {
    "list": [
        "Which two countries signed the accord?",
        "In which three towns did the wards stay open?",
        "What were the reasons for the delay?",
        "Who are the Corals' opponents?",
        "Which countries were hit?",
        "And which people did they invite?",
        "Name the three winners.",
    ],
    "quotation": [
        "What did Hegseth say about the workout?",
        "What did the mayor tell reporters?",
        "How did Marta Zile describe the agreement?",
        "In what terms was the paint described?",
        "What remark did Kvarn make about runways?",
        "What exactly did the mayor say?",
        "What didn't Smith say?",
        "What on earth did he say?",
        "What famous remark did Smith make?",
        "What kind of response did he give?",
        "How did the mayor comment on it?",
    ],
    "yes or no": [
        "Did Hegseth welcome the efforts?",
        "is the bridge open",
        "Wasn't the mill sold?",
        "And has the plant closed or not?",
        "According to Moe, was the water warm?",
        "Can I still use my card?",
        "Could you tell me if the mayor resigned?",
        "Do you need to show a ticket?",
        "Can you find coal in Leeds?",
    ],
    "why": [
        "Why did the talks fail?",
        "How come it failed?",
        "What was the reason for the delay?",
        "What made Ozers turn against her?",
        "On what grounds was it overturned?",
    ],
    "how": ["How did the team confirm the finding?", "How was the tower financed, according to Aske?"],
    "plain": [
        "Who did Koizumi meet?",
        "When was the mill built?",
        "How many people died?",
        "How long did it last?",
        "How old is she?",
        "What is the capital of Peru?",
        "What does the glass cost?",
        "What was lost?",
        "Do you know when the mill was built?",
        "Can you tell me who built it?",
        "Is it red or blue?",
        "Which bus was late?",
        "Do you know the mayor's name?",
        "Can you name the mayor?",
        "Could you tell me about the fire?",
        "How many people did police say were hurt?",
        "What year did he say the pit closed?",
        "Which company did Smith call?",
        "How much did she say it cost?",
        "tell me about the mill",
        "?",
        "",
    ],
}


@pytest.mark.parametrize(("expected", "question"), [(each, text) for each, texts in KINDS.items() for text in texts])
def test_the_words_of_a_question_tell_what_it_asks_for(expected, question):
    assert kind(question) == expected


@pytest.mark.parametrize(
    ("question", "number"),
    [
        ("Which two countries signed?", 2),
        ("In which 3 towns was it sold?", 3),
        ("What were the four reasons?", 4),
        ("Which two of the models are dearer?", 2),
        ("Which of the two models is dearer?", None),
        ("Which of the two candidates won?", None),
        ("Which two-time champion retired?", None),
        ("What killed 12 people in Leeds?", None),
        ("What happened 3 days later?", None),
        ("Which countries signed?", None),
        ("Who won in 2 hours?", None),
        ("What happened on day two?", None),
    ],
)
def test_a_number_counts_only_where_it_says_how_many_are_asked_for(question, number):
    assert wanted(question) == number
