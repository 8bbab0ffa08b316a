-- 14 statement(s)
BEGIN;

SELECT
  pg_advisory_xact_lock($1);

SAVEPOINT diesel_savepoint_1;

WITH
written AS (
  INSERT INTO
    "tasks" (
      id,
      created_at,
      updated_at,
      title,
      description,
      status,
      priority,
      due_date,
      due_at,
      scheduled_date,
      snoozed_until,
      completed_at,
      energy,
      time_estimate,
      source,
      project_id,
      parent_id
    )
  SELECT
    id,
    created_at,
    updated_at,
    title,
    description,
    status,
    priority,
    due_date,
    due_at,
    scheduled_date,
    snoozed_until,
    completed_at,
    energy,
    time_estimate,
    source,
    project_id,
    parent_id
  FROM
    json_populate_recordset(NULL::"tasks", $1)
  RETURNING
    id
),
once AS (
  SELECT
    "written"."id"
  FROM
    "written"
  LIMIT
    $2
),
made AS (
  INSERT INTO
    "tags" ("id", "created_at", "updated_at", "name", "key")
  SELECT
    unnest($3), $4, $5, unnest($6), unnest($7)
  FROM
    "once"
  ON CONFLICT
    ("key")
  WHERE
    ("tags"."deleted_at" IS NULL)
  DO UPDATE SET
    "key" = excluded."key"
  RETURNING
    "tags"."id", "tags"."key"
),
named (task_id, key) AS (
  SELECT
    unnest($8), unnest($9)),
linked_by_name AS (
  INSERT INTO
    "task_tags" ("task_id", "tag_id")
  SELECT
    "named"."task_id", "made"."id"
  FROM
    ("named" INNER JOIN "made" ON ("made"."key" = "named"."key"))
  ON CONFLICT
  DO NOTHING
),
kept AS (
  INSERT INTO
    outcomes (key, scope, mutation, input_hash, record_ids, at)
  SELECT
    k.key, k.scope, $10, $11, $12, $13
  FROM
    unnest($14, $15) AS k(key, scope)
  WHERE
    (
      EXISTS (
        SELECT
        FROM
          "written"
      )
    )
  RETURNING
    key
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    ),
    'kept',
    (
      SELECT
        count(*)
      FROM
        kept
    )
  );

RELEASE SAVEPOINT diesel_savepoint_1;

SAVEPOINT diesel_savepoint_1;

WITH
locked AS (
  SELECT
    *
  FROM
    "tasks"
  WHERE
    ("tasks"."id" = $1) AND ("tasks"."deleted_at" IS NULL)
  FOR NO KEY UPDATE
),
judged AS (
  SELECT DISTINCT
    f.field, (f.field = ANY (s.changed)) IS NOT FALSE AS conflicting
  FROM
    locked AS "tasks",
    LATERAL (
      SELECT
        fields_changed_since('task', id, $2, version, $3) AS changed) AS s,
    LATERAL (
      VALUES
        ('status', ("tasks"."status" != $4::task_status))) AS f(field, differs)
  WHERE
    f.differs AND (s.changed <@ '{position}') IS NOT TRUE
),
written AS (
  UPDATE
    "tasks"
  SET
    "status" = $5::task_status, "completed_at" = $6, "updated_at" = $7
  WHERE
    (
      (("tasks"."id" = $8) AND ("tasks"."deleted_at" IS NULL))
      AND (
        ("tasks"."status" != $9::task_status)
        AND (
          (
            SELECT
              COUNT(*)
            FROM
              "judged"
            WHERE
              "judged"."conflicting"
            LIMIT
              $10
          ) = $11
        )
      )
    )
  RETURNING
    "tasks"."id"
),
kept AS (
  INSERT INTO
    outcomes (key, scope, mutation, input_hash, record_ids, at, merged_fields, conflicting_fields)
  SELECT
    k.key,
    k.scope,
    $12,
    $13,
    $14,
    $15,
    ARRAY(
      SELECT
        field
      FROM
        judged
      WHERE
        NOT conflicting
      ORDER BY
        field
    ),
    ARRAY(
      SELECT
        field
      FROM
        judged
      WHERE
        conflicting
      ORDER BY
        field
    )
  FROM
    unnest($16, $17) AS k(key, scope)
  WHERE
    (
      EXISTS (
        SELECT
        FROM
          "written"
      )
      OR (
        EXISTS (
          SELECT
            ("tasks"."id" = $18)
          FROM
            "tasks"
          WHERE
            ("tasks"."id" = $19) AND ("tasks"."deleted_at" IS NULL)
          FOR NO KEY UPDATE
        )
      )
      AND NOT EXISTS (
        SELECT
        FROM
          judged
        WHERE
          conflicting
      )
    )
    AND (
      SELECT
        bool_and(conflicting)
      FROM
        judged
    ) IS NOT TRUE
  RETURNING
    key
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    ),
    'kept',
    (
      SELECT
        count(*)
      FROM
        kept
    ),
    'merge',
    (
      SELECT
        json_build_object(
          'merged',
          coalesce(
            json_agg(field
              ORDER BY
                field) FILTER (
              WHERE
                NOT conflicting),
            '[]'
          ),
          'conflicting',
          coalesce(
            json_agg(field
              ORDER BY
                field) FILTER (
              WHERE
                conflicting),
            '[]'
          )
        )
      FROM
        judged
    )
  );

RELEASE SAVEPOINT diesel_savepoint_1;

SAVEPOINT diesel_savepoint_1;

WITH
written AS (
  UPDATE
    "tasks"
  SET
    "title" = $1, "updated_at" = $2
  WHERE
    (("tasks"."id" = $3) AND ("tasks"."deleted_at" IS NULL))
  RETURNING
    "tasks"."id"
),
kept AS (
  INSERT INTO
    outcomes (key, scope, mutation, input_hash, record_ids, at)
  SELECT
    k.key, k.scope, $4, $5, $6, $7
  FROM
    unnest($8, $9) AS k(key, scope)
  WHERE
    (
      EXISTS (
        SELECT
        FROM
          "written"
      )
      OR (
        EXISTS (
          SELECT
            ("tasks"."id" = $10)
          FROM
            "tasks"
          WHERE
            ("tasks"."id" = $11) AND ("tasks"."deleted_at" IS NULL)
          FOR NO KEY UPDATE
        )
      )
    )
  RETURNING
    key
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    ),
    'kept',
    (
      SELECT
        count(*)
      FROM
        kept
    )
  );

RELEASE SAVEPOINT diesel_savepoint_1;

SELECT
  json_build_object(
    'slots',
    array_to_json(ARRAY[]::json[]),
    'mark',
    json_build_array(
      (
        SELECT
          "settings"."feed_id"
        FROM
          "settings"
      ),
      settled_snapshot()
    ),
    'seen',
    json_build_object(
      'trashed',
      (
        SELECT
          ("tasks"."deleted_at" IS NOT NULL)
        FROM
          "tasks"
        WHERE
          ("tasks"."id" = $1)
      ),
      'kept',
      (
        SELECT
          coalesce(json_agg(row_to_json(k)), '[]')
        FROM
          (
            SELECT
              "outcomes"."scope",
              (("outcomes"."mutation" = $2) AND ("outcomes"."input_hash" = $3)),
              "outcomes"."record_ids",
              "outcomes"."merged_fields",
              "outcomes"."conflicting_fields",
              "outcomes"."recognised"
            FROM
              "outcomes"
            WHERE
              (("outcomes"."key" = $4) AND ("outcomes"."scope" = $5))
          ) AS k(scope, same, records, merged, conflicting, recognised)
      )
    )
  );

COMMIT;

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        8,
        (
          SELECT
            coalesce(
              json_agg(
                CASE
                  "l1"."kind"
                  WHEN 'Task' THEN (
                    SELECT
                      json_build_object('Task', row_to_json(r))
                    FROM
                      (
                        SELECT
                          "tasks"."id",
                          "tasks"."version",
                          "tasks"."updated_at",
                          "tasks"."title",
                          "tasks"."status",
                          "tasks"."priority",
                          "tasks"."due_date",
                          "tasks"."due_at",
                          "tasks"."snoozed_until",
                          "tasks"."completed_at",
                          "tasks"."energy",
                          "tasks"."time_estimate",
                          "tasks"."position",
                          (
                            (
                              "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                              AND ("tasks"."due_date" < $1)
                              AND (("tasks"."due_at" < $2) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $3)))
                            )
                          ) IS TRUE AS "v23",
                          (
                            (
                              "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                              AND (
                                (("tasks"."due_date" >= $4) AND ("tasks"."due_date" < $5))
                                AND (
                                  (
                                    ("tasks"."due_at" IS NULL)
                                    AND (("tasks"."due_date" >= $6) AND ("tasks"."due_date" < $7))
                                  )
                                  OR (("tasks"."due_at" >= $8) AND ("tasks"."due_at" < $9))
                                )
                              )
                            )
                          ) IS TRUE AS "v24",
                          "tasks"."project_id" AS "project_id"
                        FROM
                          "tasks"
                        WHERE
                          ("tasks"."id" = "l1"."id")
                      ) AS "l2",
                      LATERAL (
                        SELECT
                          "l2"."id",
                          "l2"."version",
                          "l2"."updated_at",
                          "l2"."title",
                          "l2"."status",
                          "l2"."priority",
                          "l2"."due_date",
                          "l2"."due_at",
                          "l2"."snoozed_until",
                          "l2"."completed_at",
                          "l2"."energy",
                          "l2"."time_estimate",
                          "l2"."position",
                          array_to_json(
                            ARRAY [ json_build_array(23, "l2"."v23"),
                            json_build_array(24, "l2"."v24"),
                            json_build_array(
                              30,
                              (
                                SELECT
                                  row_to_json("l3")
                                FROM
                                  (
                                    SELECT
                                      "projects"."id",
                                      "projects"."version",
                                      "projects"."title",
                                      "projects"."status",
                                      "projects"."color"
                                    FROM
                                      "projects"
                                    WHERE
                                      ("projects"."id" = "l2"."project_id" AND ("projects"."deleted_at" IS NULL))
                                  ) AS "l3"
                              )
                            ),
                            json_build_array(
                              34,
                              (
                                SELECT
                                  coalesce(json_agg(row_to_json("l3")), '[]')
                                FROM
                                  (
                                    SELECT
                                      "tags"."id",
                                      "tags"."version",
                                      "tags"."name",
                                      "tags"."prefix",
                                      "tags"."label",
                                      "tags"."color"
                                    FROM
                                      "tags"
                                    WHERE
                                      (
                                        "tags"."id" IN (
                                          SELECT
                                            "task_tags"."tag_id"
                                          FROM
                                            "task_tags"
                                          WHERE
                                            "task_tags"."task_id" = "l2"."id"
                                        )
                                        AND ("tags"."deleted_at" IS NULL)
                                      )
                                    ORDER BY
                                      "tags"."sort_name", "tags"."id"
                                  ) AS "l3"
                              )
                            ),
                            json_build_array(
                              40,
                              (
                                SELECT
                                  json_build_object(
                                    'total',
                                    COUNT(*),
                                    'done',
                                    count("tasks"."status") FILTER (
                                      WHERE
                                        ("tasks"."status" IN ('done')) IS TRUE)
                                  )
                                FROM
                                  "tasks"
                                WHERE
                                  ("tasks"."parent_id" = "l2"."id" AND ("tasks"."deleted_at" IS NULL))
                              )
                            ) ] :: json[]
                          ) AS slots
                      ) AS r
                  )
                  WHEN 'Project' THEN (
                    SELECT
                      json_build_object('Project', row_to_json("l2"))
                    FROM
                      (
                        SELECT
                          "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                        FROM
                          "projects"
                        WHERE
                          ("projects"."id" = "l1"."id")
                      ) AS "l2"
                  )
                  WHEN 'Tag' THEN (
                    SELECT
                      json_build_object('Tag', row_to_json("l2"))
                    FROM
                      (
                        SELECT
                          "tags"."id", "tags"."version", "tags"."name", "tags"."label"
                        FROM
                          "tags"
                        WHERE
                          ("tags"."id" = "l1"."id")
                      ) AS "l2"
                  )
                END
                ORDER BY
                  n
              ),
              '[]'
            )
          FROM
            unnest($10, $11)
          WITH
          ORDINALITY AS "l1"(id, kind, n)
        )
      ) ] :: json[]
    ),
    'mark',
    json_build_array(
      (
        SELECT
          "settings"."feed_id"
        FROM
          "settings"
      ),
      settled_snapshot()
    )
  )
