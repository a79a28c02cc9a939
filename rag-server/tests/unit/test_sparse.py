from rag_server.core.sparse import encode_chunk, encode_query


def weight(vector, word):
    (term,) = encode_query(word).indices
    return dict(zip(vector.indices, vector.values, strict=True)).get(term, 0.0)


def test_what_is_defined_weighs_more_than_what_is_used(make_chunk):
    defined = encode_chunk(make_chunk(symbol="widget", defines=["widget"], text="widget other"))
    used = encode_chunk(make_chunk(symbol="other", defines=["other"], text="widget other"))
    assert weight(defined, "widget") > weight(used, "widget")


def test_the_path_can_be_searched_though_the_text_does_not_name_it(make_chunk):
    vector = encode_chunk(make_chunk(path="billing/invoices.py", text="x = 1"))
    assert weight(vector, "invoices") > weight(vector, "billing") > 0


def test_repetition_saturates(make_chunk):
    few = encode_chunk(make_chunk(text="retry " * 2))
    many = encode_chunk(make_chunk(text="retry " * 20))
    assert weight(few, "retry") < weight(many, "retry") < 2.2


def test_indices_ascend_and_are_unique(make_chunk):
    indices = encode_chunk(make_chunk()).indices
    assert indices == sorted(set(indices))


def test_a_repeated_word_counts_a_little_more():
    assert encode_query("retry retry").values == [1.5]


def test_a_question_without_words_has_no_terms():
    assert encode_query("😀").indices == []
