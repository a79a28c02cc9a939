import pytest

from codemuse.glossary import english_of, for_keywords, for_models


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("작업은 어떻게 다시 시도되나요?", {"task", "retry"}),
        ("인증을 어디서 처리하나요?", {"auth", "handle"}),
        ("시간 초과 설정", {"timeout", "settings"}),
        ("패닉을 어떻게 복구하나요?", {"panic", "recover"}),
        ("뷰 함수의 컨텍스트", {"view", "function", "context"}),
        ("작업 결과를 레디스에 저장하는 곳", {"task", "result", "redis", "store"}),
        ("커넥션 풀의 최대 크기", {"connection", "pool", "maximum", "size"}),
    ],
)
def test_korean_terms_are_found_whatever_particle_follows(question, words):
    assert words <= set(english_of(question).split())


def test_the_longer_term_is_the_one_that_is_meant():
    assert "time" not in english_of("시간 초과").split()
    assert "authentication" in english_of("인증").split()


@pytest.mark.parametrize("question", ["캐시는 어떻게 동작하나요?", "캐시는 어디에 구현되어 있나요?"])
def test_what_only_asks_is_no_term(question):
    assert english_of(question) == "cache"


@pytest.mark.parametrize(
    ("question", "english"),
    [("이것은 무엇인가", ""), ("압축 풀기", "compress archive"), ("무한 루프", "loop"), ("이상한 값", "value")],
)
def test_parts_of_other_words_are_no_terms(question, english):
    assert english_of(question) == english


def test_names_of_code_stay_in_the_question():
    assert "Task.retry" in for_models("`Task.retry`는 언제 호출되나요")
    assert for_keywords("환불 정책").startswith("환불 정책 refund")


@pytest.mark.parametrize("question", ["how are leases renewed", "", "안녕하세요"])
def test_a_question_without_terms_stays_as_it_is(question):
    assert for_models(question) == for_keywords(question) == question
