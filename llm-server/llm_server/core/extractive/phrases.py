"""The answerer's own words, in the languages of the product."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Phrases:
    """Sentences and their places for what is filled in."""

    lead: str
    places: str
    also: str
    code: str
    nothing: str
    unconfigured: str
    unreachable: str


ENGLISH = Phrases(
    lead="The closest match is {name} in {place} [{number}].",
    places="These places fit the question best:",
    also="Related places:",
    code="From `{path}`, line {line} on [{number}]:",
    nothing="No passage in the indexed repositories fits this question. Try the name of a function, a file or an error message.",
    unconfigured="No language model is configured, so this answer quotes the best passages instead of explaining them.",
    unreachable="{models} could not be reached, so this answer quotes the best passages instead of explaining them.",
)

KOREAN = Phrases(
    lead="질문에 가장 가까운 코드는 {place}의 {name}입니다 [{number}].",
    places="질문과 가장 잘 맞는 위치는 다음과 같습니다.",
    also="관련된 위치:",
    code="`{path}` {line}행부터 [{number}]:",
    nothing="색인된 저장소에서 이 질문에 맞는 부분을 찾지 못했습니다. 함수 이름, 파일 이름 또는 오류 메시지로 다시 물어보세요.",
    unconfigured="언어 모델이 설정되어 있지 않아, 설명 대신 가장 관련 있는 부분을 인용했습니다.",
    unreachable="{models}에 연결할 수 없어, 설명 대신 가장 관련 있는 부분을 인용했습니다.",
)
