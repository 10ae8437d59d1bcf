from crm_mirror.sandbox.params import decoded, parse_query

FORM = "application/x-www-form-urlencoded"


def test_brackets_become_maps_and_lists():
    query = "fields[PHONE][0][VALUE]=%2B7916&fields[PHONE][0][VALUE_TYPE]=WORK&select[]=ID&select[]=PHONE"
    assert parse_query(query) == {
        "fields": {"PHONE": [{"VALUE": "+7916", "VALUE_TYPE": "WORK"}]},
        "select": ["ID", "PHONE"],
    }


def test_an_operator_in_a_key_survives_its_encoding():
    assert parse_query("filter[%3E%3DID]=5&filter[%3CID]=9") == {"filter": {">=ID": "5", "<ID": "9"}}


def test_a_map_whose_numbers_have_gaps_stays_a_map():
    assert parse_query("a[0]=x&a[2]=y") == {"a": {"0": "x", "2": "y"}}


def test_appending_continues_after_the_highest_number():
    assert parse_query("a[5]=x&a[]=y") == {"a": {"5": "x", "6": "y"}}


def test_plus_is_a_space_and_percent_is_utf8():
    assert parse_query("TITLE=%D0%9E%D0%9E%D0%9E+%22%D0%90%22") == {"TITLE": 'ООО "А"'}


def test_the_last_of_two_equal_names_wins_and_a_name_without_value_is_empty():
    assert parse_query("a=1&a=2&b") == {"a": "2", "b": ""}


def test_json_keeps_its_types_and_wins_over_the_query():
    params = decoded("start=0&x=1", b'{"start": -1, "filter": {">ID": 5}}', "application/json; charset=utf-8")
    assert params == {"start": -1, "filter": {">ID": 5}, "x": "1"}


def test_a_form_is_read_whatever_its_content_type_says():
    assert decoded("", b"a[b]=1", "") == decoded("", b"a[b]=1", FORM) == {"a": {"b": "1"}}


def test_multipart_fields_are_read_like_a_form():
    body = (
        b'--XX\r\nContent-Disposition: form-data; name="fields[TITLE]"\r\n\r\n\xd0\x9e\xd0\x9e\xd0\x9e\r\n'
        b'--XX\r\nContent-Disposition: form-data; name="id"\r\n\r\n7\r\n--XX--\r\n'
    )
    assert decoded("", body, "multipart/form-data; boundary=XX") == {"fields": {"TITLE": "ООО"}, "id": "7"}


def test_a_json_body_that_is_no_map_brings_no_parameters():
    assert decoded("", b"[1, 2]", "application/json") == {}
