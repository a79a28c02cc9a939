"""The answerer's own words, in the languages of the product."""

from collections.abc import Mapping
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
    chosen: str
    unanswered: str
    calls: str
    no_calls: str
    compared: str
    not_compared: str
    suspicions: str
    no_suspicion: str
    example: str
    kinds: Mapping[str, str]


ENGLISH = Phrases(
    lead="The closest match is {name} in {place} [{number}].",
    places="These places fit the question best:",
    also="Related places:",
    code="From `{path}`, line {line} on [{number}]:",
    nothing="No passage in the indexed repositories fits this question. Try the name of a function, a file or an error message.",
    unconfigured="No language model is configured, so this answer quotes the best passages instead of explaining them.",
    chosen="This answer quotes the best passages, as was asked; no language model explains them.",
    unanswered="{models} did not answer, so this answer quotes the best passages instead of explaining them.",
    calls="These lines use `{name}`:",
    no_calls="None of the passages found calls `{name}`; these fit best:",
    compared="Side by side:",
    not_compared="No passage found says what {names} is; these fit the question best:",
    suspicions="These lines are worth a second look; they are suspicions, not findings:",
    no_suspicion="Nothing in the passages found looks suspicious at first sight; these fit the question best:",
    example="An example from `{path}` [{number}]:",
    kinds={
        "todo": "left to do",
        "swallowed": "errors are swallowed",
        "evaluated": "text is run as code or by a shell",
        "secret": "a secret in the code",
        "deserialised": "foreign data may run code when it is read",
        "unverified": "certificates are not verified",
        "sql": "SQL is put together from texts",
        "default": "a default value that all calls share",
    },
)

KOREAN = Phrases(
    lead="질문에 가장 가까운 부분은 {place}의 {name}입니다 [{number}].",
    places="질문과 가장 잘 맞는 위치는 다음과 같습니다.",
    also="관련된 위치:",
    code="`{path}` {line}행부터 [{number}]:",
    nothing="색인된 저장소에서 이 질문에 맞는 부분을 찾지 못했습니다. 함수 이름, 파일 이름 또는 오류 메시지로 다시 물어보세요.",
    unconfigured="언어 모델이 설정되어 있지 않아, 설명 대신 가장 관련 있는 부분을 인용했습니다.",
    chosen="요청하신 대로 가장 관련 있는 부분을 인용했으며, 언어 모델은 사용하지 않았습니다.",
    unanswered="언어 모델이 답하지 않아({models}), 설명 대신 가장 관련 있는 부분을 인용했습니다.",
    calls="`{name}`을(를) 사용하는 줄입니다.",
    no_calls="찾은 부분 가운데 `{name}`을(를) 호출하는 곳은 없습니다. 가장 가까운 부분은 다음과 같습니다.",
    compared="나란히 비교하면 다음과 같습니다.",
    not_compared="찾은 부분에는 {names}에 대한 설명이 없습니다. 질문과 가장 가까운 부분은 다음과 같습니다.",
    suspicions="다시 살펴볼 만한 줄입니다. 확정된 문제가 아니라 의심되는 부분입니다.",
    no_suspicion="찾은 부분에서 눈에 띄게 의심스러운 곳은 없습니다. 질문과 가장 가까운 부분은 다음과 같습니다.",
    example="`{path}`의 예제 [{number}]:",
    kinds={
        "todo": "남은 작업",
        "swallowed": "오류를 무시함",
        "evaluated": "텍스트를 코드나 셸로 실행함",
        "secret": "코드 안의 비밀 값",
        "deserialised": "외부 데이터를 읽을 때 코드가 실행될 수 있음",
        "unverified": "인증서를 확인하지 않음",
        "sql": "문자열로 조합한 SQL",
        "default": "모든 호출이 공유하는 기본값",
    },
)
