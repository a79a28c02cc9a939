from codemuse.clients.rag import found_nothing
from codemuse.contracts.rag import SearchHit, SearchReply


def test_a_reply_without_results_is_known_by_its_bytes():
    assert found_nothing(SearchReply(results=[], took_ms=1.5).model_dump_json().encode())
    hit = SearchHit.model_construct(chunk_id="a")
    assert not found_nothing(SearchReply.model_construct(results=[hit], took_ms=1.5).model_dump_json().encode())
