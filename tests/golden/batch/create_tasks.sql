-- 10 statement(s)
BEGIN;

INSERT INTO
  "outcomes" ("key", "scope", "at", "mutation", "input_hash", "record_ids")
VALUES
  ($1, $2, $3, $4, $5, $6)
ON CONFLICT
DO NOTHING;

SELECT
  "outcomes"."key", "outcomes"."mutation", "outcomes"."input_hash"
FROM
  "outcomes"
WHERE
  (("outcomes"."key" = ANY($1)) AND ("outcomes"."scope" = $2));

INSERT INTO
  "outcomes" ("key", "scope", "at", "mutation", "input_hash", "record_ids")
VALUES
  ($1, $2, $3, $4, $5, $6);

SELECT
  "tasks"."id", ("tasks"."deleted_at" IS NOT NULL)
FROM
  "tasks"
WHERE
  ("tasks"."id" = ANY($1));

SELECT
  "projects"."id", ("projects"."deleted_at" IS NOT NULL)
FROM
  "projects"
WHERE
  ("projects"."id" = ANY($1));

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
)
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    )
  );

UPDATE
  "outcomes"
SET
  "record_ids" = $1
WHERE
  (("outcomes"."key" = $2) AND ("outcomes"."scope" = $3));

COMMIT;

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        2,
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
                          "tasks"."title",
                          "tasks"."status",
                          "tasks"."priority",
                          "tasks"."due_date",
                          "tasks"."due_at",
                          "tasks"."position",
                          "tasks"."parent_id" AS "parent_id",
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
                          "l2"."title",
                          "l2"."status",
                          "l2"."priority",
                          "l2"."due_date",
                          "l2"."due_at",
                          "l2"."position",
                          array_to_json(
                            ARRAY [ json_build_array(
                              4,
                              (
                                SELECT
                                  row_to_json("l3")
                                FROM
                                  (
                                    SELECT
                                      "tasks"."id",
                                      "tasks"."version",
                                      "tasks"."title",
                                      "tasks"."status",
                                      "tasks"."priority",
                                      "tasks"."due_date",
                                      "tasks"."due_at",
                                      "tasks"."position"
                                    FROM
                                      "tasks"
                                    WHERE
                                      ("tasks"."id" = "l2"."parent_id" AND ("tasks"."deleted_at" IS NULL))
                                  ) AS "l3"
                              )
                            ),
                            json_build_array(
                              6,
                              (
                                SELECT
                                  row_to_json("l3")
                                FROM
                                  (
                                    SELECT
                                      "projects"."id", "projects"."version", "projects"."title", "projects"."status"
                                    FROM
                                      "projects"
                                    WHERE
                                      ("projects"."id" = "l2"."project_id" AND ("projects"."deleted_at" IS NULL))
                                  ) AS "l3"
                              )
                            ),
                            json_build_array(
                              8,
                              (
                                SELECT
                                  coalesce(json_agg(row_to_json("l3")), '[]')
                                FROM
                                  (
                                    SELECT
                                      "tags"."id", "tags"."version", "tags"."name", "tags"."label"
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
                            ) ] :: json[]
                          ) AS slots
                      ) AS r
                  )
                END
                ORDER BY
                  n
              ),
              '[]'
            )
          FROM
            unnest($1, $2)
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
