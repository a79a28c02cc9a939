"""Korean questions about code that is written in English: the words of the trade, said in both.

The bundled embedding model knows next to no Korean, and English code holds no Hangul to match. A question keeps its own
words (Korean comments and documents are found by them) and gets the English ones of the terms it uses beside them.
"""

import re

_TERMS = """
가상=virtual 가상화=virtualization 가입=sign up register 가져오=import fetch get 간격=interval 값=value 개수=count
객체=object 거부=reject deny 거절=reject refuse 검사=check inspect 검색=search query find 검증=verify validate
결과=result 결제=payment charge 경고=warning warn 경로=path route 계산=compute calculate 계약=contract 계정=account
계층=layer 고객=customer client 고루틴=goroutine 공유=share shared 관리=manage management 관리자=administrator admin
구독=subscribe subscription 구문=syntax 구성=configuration compose 구조=structure 구조체=struct
권한=permission authorization 규칙=rule 그래프=graph 그룹=group 기록=log record 기본값=default 길이=length
깃허브=github 깊이=depth 나누=split divide 날짜=date 내려받=download 내보내=export 네임스페이스=namespace
네트워크=network 노드=node 다시 시도=retry 단계=step stage 단위=unit 닫=close 답변=answer response 대기=wait pending
대기열=queue 덮어쓰=override 데드락=deadlock 데몬=daemon 데이터=data 데이터베이스=database 데코레이터=decorator
도구=tool 도커=docker 동기=sync synchronous 동기화=synchronize sync 동시=concurrent concurrency 동작=work behave
되돌리=rollback revert undo 등록=register 등록기=registry 디렉터리=directory 디스패치=dispatch 디코더=decoder
디코딩=decoding 라우터=router 라우트=route 라우팅=routing route router 라이브러리=library 래빗엠큐=rabbitmq
런타임=runtime 레디스=redis 렌더링=render 로거=logger 로그=log logging 로그아웃=logout sign out 로그인=login sign in
로딩=loading load 롤백=rollback 루프=loop 리다이렉트=redirect 리뷰=review 리소스=resource 리스너=listener 리스트=list
리졸버=resolver 링크=link 마이그레이션=migration 마크다운=markdown 만들=create make 만료=expire expiry
매개변수=parameter argument 매칭=match 매핑=map 맵=map 메모리=memory 메서드=method 메시지=message 명령=command
모델=model 모듈=module 목록=list 문서=document documentation 문자열=string 뮤텍스=mutex 미들웨어=middleware
바이너리=binary 바인딩=bind binding 반복=loop iterate repeat 반복자=iterator 반환=return 받=receive 발행=publish
배열=array 배치=batch 배포=deploy release 백업=backup 백엔드=backend 버전=version 버퍼=buffer 변경=change modify
변수=variable 변환=convert transform 별칭=alias 병렬=parallel 병합=merge 보내=send 보안=security 복구=recover restore
복사=copy 복원=restore 본문=body 분석=analyze parse 뷰=view 브라우저=browser 브로커=broker 블루프린트=blueprint
비교=compare 비동기=async asynchronous 비밀번호=password 빌드=build 사용자=user 삭제=delete remove 상속=inherit
상수=constant 상태=state status 색인=index 생산자=producer 생성=create generate 생성자=constructor 서명=sign signature
서버=server 서비스=service 선택=select choose 설정=settings configuration config 설치=install 세마포어=semaphore
세션=session 셀러리=celery 소비자=consumer 소켓=socket 속성=attribute property 송장=invoice 수정=update edit
수집=collect 순서=order sequence 스냅샷=snapshot 스레드=thread 스레드 풀=thread pool 스케줄=schedule
스케줄러=scheduler 스키마=schema 스택=stack 스트림=stream streaming 승인=approve 시간=time 시간 초과=timeout
시간대=timezone 시그널=signal 시그니처=signature 시도=try attempt 시작=start begin 신호=signal 실패=fail failure
실행=run execute 쓰기=write 아키텍처=architecture 알림=notification notify 암호화=encrypt encryption
압축=compress archive 애플리케이션=application 어댑터=adapter 업데이트=update 업로드=upload 없애=remove 에러=error
엔드포인트=endpoint 엔진=engine 엔트리=entry 연결=connect connection 열=open column 예약=schedule reserve
예외=exception 오류=error 옵션=option 와일드카드=wildcard 완료=complete finish 요약=summary 요청=request
우선순위=priority 워커=worker 원격=remote 웹소켓=websocket 위치=location place 유효성=validation 응답=response reply
의존성=dependency 이름=name 이미지=image 이벤트=event 이벤트 루프=event loop 이벤트 핸들러=event handler 인덱스=index
인수=argument 인스턴스=instance 인증=authentication auth authenticate 인코더=encoder 인코딩=encoding
인터페이스=interface 읽=read 임베딩=embedding vector 입력=input 자동=automatic auto 자료=data 자바스크립트=javascript
자원=resource 작성=write 작업=task job work 잠금=lock 장고=django 재귀=recursive recursion 재시도=retry 재시작=restart
저장=save store 저장소=repository store 전달=pass deliver 전송=send transport 전역=global 접근=access
정규식=regex regular expression 정렬=sort order 정수=integer 정의=define definition 정적=static 정책=policy
제거=remove 제공=serve provide 제이슨=json 제한=limit 조건=condition 조회=query lookup fetch 종료=stop shutdown exit
종속성=dependency 주기적=periodic 주문=order 주석=comment 주소=address url 중단=abort stop interrupt 중복=duplicate
지연=delay latency 지우=delete clear 직렬화=serialize serialization 질문=question 집합=set 차단=block
차단기=circuit breaker 채널=channel 처리=handle process 청취=listen 청크=chunk 체인=chain 초기값=initial default
초기화=initialize reset 최대=maximum 최소=minimum 최적화=optimize 추가=add append 추적=trace track 출력=output print
충돌=conflict crash 취소=cancel 카드=card 카프카=kafka 캐시=cache 커넥션=connection 커넥션 풀=connection pool
커밋=commit 컨테이너=container 컨텍스트=context 컨트롤러=controller 컴파일=compile 코루틴=coroutine
쿠버네티스=kubernetes 쿠키=cookie 쿼리=query 큐=queue 크기=size 클라이언트=client 클래스=class 클로저=closure 키=key
타입=type 타입스크립트=typescript 태스크=task 테스트=test 테이블=table 템플릿=template 토큰=token 토픽=topic
통계=statistics 통신=communication 트랜잭션=transaction 트리=tree 파라미터=parameter 파서=parser parse 파이썬=python
파일=file 패닉=panic 패키지=package 페이지=page 포스트그레스=postgres 포인터=pointer 포트=port 폴더=folder directory
폴링=polling 폴백=fallback 표시=show display 푸시=push 풀 리퀘스트=pull request 프로세스=process 프록시=proxy
플라스크=flask 플러그인=plugin 필드=field 필터=filter 하트비트=heartbeat 한도=limit quota 함수=function 해시=hash
해제=release free 핸들러=handler 허용=allow 헤더=header 형식=format type 호스트=host 호출=call invoke
확인=check confirm 확인 응답=acknowledge ack 확장=extension extend 환경=environment 환불=refund 회원=member 훅=hook
흐름=flow
"""
_ENGLISH = dict(
    entry.split("=", 1)
    for entry in re.findall(r"[가-힣]+(?: [가-힣]+)?=[a-z]+(?: [a-z]+)*(?= [가-힣]|\s*$)", _TERMS, re.MULTILINE)
)
_KOREAN = re.compile("|".join(sorted(map(re.escape, _ENGLISH), key=len, reverse=True)))
_ASKING = re.compile(r"(?:어떻게|어떤 식으로)\s+(?:동작|작동|구현)[가-힣]*|어디(?:에|서|에서)?\s+구현[가-힣]*")
"""How it works and where it is written asks of anything; their words would find what happens to work or to behave."""
_HANGUL = re.compile(r"[가-힣]+")


def english_of(question: str) -> str:
    """The English terms of the Korean ones in a question; nothing where there are none."""
    return " ".join(dict.fromkeys(_ENGLISH[term] for term in _KOREAN.findall(_ASKING.sub(" ", question))))


def for_keywords(question: str) -> str:
    """A question with the English of its Korean terms beside it."""
    english = english_of(question)
    return f"{question} {english}" if english else question


def for_models(question: str) -> str:
    """What an English model is asked: the English of the Korean terms with what was English already, if there is any."""
    english = english_of(question)
    return f"{_HANGUL.sub(' ', question)} {english}".strip() if english else question
