from rag_server.core.points import RepositoryKey, StoredChunk, embedded_text, folders_of

KEY = RepositoryKey("org", "repo")


def stored(chunk, generation=1, commit="c1", key=KEY):
    return StoredChunk.of(chunk, key, generation=generation, commit=commit)


def test_the_same_chunk_in_the_same_generation_has_the_same_id(make_chunk):
    assert stored(make_chunk()).id == stored(make_chunk()).id


def test_ids_differ_between_generations_repositories_and_places(make_chunk):
    ids = {
        stored(make_chunk()).id,
        stored(make_chunk(), generation=2).id,
        stored(make_chunk(), key=RepositoryKey("org", "other")).id,
        stored(make_chunk(), key=RepositoryKey("other", "repo")).id,
        stored(make_chunk(path="b.py")).id,
        stored(make_chunk(start_line=2)).id,
    }
    assert len(ids) == 6


def test_a_moved_chunk_keeps_the_hash_of_its_text(make_chunk):
    assert stored(make_chunk(path="a.py")).text_hash == stored(make_chunk(path="b.py", start_line=9)).text_hash


def test_a_renamed_symbol_is_another_text(make_chunk):
    assert stored(make_chunk(symbol="a")).text_hash != stored(make_chunk(symbol="b")).text_hash


def test_a_chunk_survives_the_store(make_chunk):
    chunk = stored(make_chunk(signature="def f():"))
    assert StoredChunk.from_payload(chunk.id, chunk.payload()) == chunk


def test_models_never_read_a_nul():
    assert embedded_text(None, None, "a\x00b") == "a b"


def test_a_path_lies_in_all_its_folders():
    assert folders_of("src/app/main.py") == ("src/app/main.py", "src/app", "src")
