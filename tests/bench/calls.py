"""A year of calls put into a benchmark's database by SQL alone: people in departments, conflicts, excuses, takeovers.

One outgoing call in twelve is a conflict, two thirds of them blamed; people call from nine to seven. Rows carry
verdicts of about the size that real ones have.
"""

from __future__ import annotations

import psycopg

DAYS, HEADS = 365, 40  # departments of the lowest level; each of them has an equal share of the people
PEOPLE = """
INSERT INTO crm_mirror_department (portal_id, name, sort, parent_id, head_id)
  VALUES (1, 'Компания', 1, NULL, NULL);
INSERT INTO crm_mirror_department (portal_id, name, sort, parent_id, head_id)
  SELECT 1 + n, 'Дивизион ' || n, n, 1, NULL FROM generate_series(1, 4) n;
INSERT INTO crm_mirror_department (portal_id, name, sort, parent_id, head_id)
  SELECT 10 + n, 'Отдел ' || n, n, 2 + n % 4, n FROM generate_series(1, {heads}) n;
INSERT INTO crm_mirror_employee (portal_id, name, position, active, user_type, department_ids)
  SELECT n, 'Сотрудник ' || n, '', n % 20 > 0, 'employee', jsonb_build_array(10 + 1 + (n - 1) % {heads})
  FROM generate_series(1, {people}) n;
INSERT INTO crm_mirror_synccursor (kind, last_id, seen, flawless, by_admin, finished_at, true_at)
  SELECT kind, 0, 0, true, true, now(), now()
  FROM unnest(array['employee', 'department', 'status', 'company', 'contact', 'link', 'lead', 'deal']) kind;
"""
CALLS = """
INSERT INTO callguard_call (call_id, caller_id, rung_at, direction, number, colour, tier, reason, entity_type,
    entity_id, responsible_id, conflict, rules_version, mirror_age, verdict, status_value, contested, shown, evidence,
    ended_at, answered, duration, ended_by, judged_at, excused, taken_over, deal_id, untallied)
  SELECT 'bench-' || n, caller, at, CASE WHEN outgoing THEN 'outgoing' ELSE 'incoming' END,
    '+79' || lpad((k % 700000)::text, 9, '0'), CASE WHEN conflict THEN 'red' ELSE 'none' END,
    CASE WHEN conflict THEN (array['company', 'company', 'company_contact', 'contact'])[1 + k % 4]
      ELSE (array['', 'lead', 'company'])[1 + k % 3] END,
    CASE WHEN conflict THEN 'foreign_client' ELSE 'own_client' END,
    'company', k % 600000, CASE WHEN conflict THEN 1 + (caller + 1 + k % 60) % {people} ELSE caller END,
    conflict, 1, 30, jsonb_build_object('message', repeat('x', 600)),
    CASE WHEN conflict THEN (array['IN_WORK', 'PROCESSING', 'IN_WORK', ''])[1 + k % 4] ELSE '' END,
    k % 50 = 0, true, CASE WHEN conflict THEN jsonb_build_object('steps', repeat('x', 500)) END,
    at + interval '2 minutes',
    k % 3 > 0, 60, 'telephony', CASE WHEN conflict AND at < now() - interval '1 day' THEN at + interval '1 hour' END,
    conflict AND k % 3 = 0, conflict AND k % 40 = 1, CASE WHEN k % 9 = 0 THEN k % 100000 END, false
  FROM (
    SELECT n, 1 + (h % {people})::int AS caller, (h / 7919) % 100000000 AS k,
      (h / 31) % 12 = 0 AND (h / 5) % 4 > 0 AS conflict,
      (h / 5) % 4 > 0 AS outgoing,
      -- in order of time, as calls come; nobody rings at night
      moment - extract(epoch FROM moment - date_trunc('day', moment)) * interval '0.58 second'
        + interval '6 hours' AS at
    FROM (
      SELECT n, (hashint8(n)::bigint + 2147483648) * 4093 AS h,
        date_trunc('day', now()) - (1 - n::float8 / {calls}) * interval '{days} days' AS moment
      FROM generate_series(1, {calls}) n
    ) hashed
  ) made;
"""
EXCUSES = """
INSERT INTO callguard_excuse (call_id, ground, proof, noted_at)
  SELECT id, (array['manager', 'contested', 'just_changed', 'called_back', 'substitution'])[1 + id % 5],
    '{}', judged_at FROM callguard_call WHERE excused AND judged_at IS NOT NULL;
INSERT INTO callguard_takeover (call_id, moved_at, from_id, to_id)
  SELECT id, rung_at + interval '3 days', responsible_id, caller_id FROM callguard_call WHERE conflict AND taken_over;
"""
INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'callguard_call'
  AND indexname NOT IN (SELECT conname FROM pg_constraint WHERE conrelid = 'callguard_call'::regclass)"""


def fill_calls(connection: psycopg.Connection, *, calls: int, people: int) -> None:
    """So many calls of so many people within a year, none of them counted yet."""
    run(connection, PEOPLE.format(people=people, heads=HEADS))
    indexes = connection.execute(INDEXES).fetchall()
    for name, _definition in indexes:
        connection.execute(f'DROP INDEX "{name}"')  # type: ignore[call-overload]  # built at once it takes a tenth
    run(connection, CALLS.format(calls=calls, people=people, days=DAYS))
    for _name, definition in indexes:
        connection.execute(definition)
    run(connection, EXCUSES)
    run(connection, "VACUUM ANALYZE;\nCHECKPOINT;\n")


def run(connection: psycopg.Connection, statements: str) -> None:
    for statement in statements.split(";\n"):
        if statement.strip():
            connection.execute(statement)  # type: ignore[call-overload]  # constant texts with numbers in them
