-- 2 statement(s)
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

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        8,
        (
          SELECT
            row_to_json(r)
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
                ("tasks"."id" = $1)
            ) AS "l1",
            LATERAL (
              SELECT
                "l1"."id",
                "l1"."version",
                "l1"."title",
                "l1"."status",
                "l1"."priority",
                "l1"."due_date",
                "l1"."due_at",
                "l1"."position",
                array_to_json(
                  ARRAY [ json_build_array(
                    16,
                    (
                      SELECT
                        coalesce(json_agg(row_to_json("l2")), '[]')
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
                                  "task_tags"."task_id" = "l1"."id"
                              )
                              AND ("tags"."deleted_at" IS NULL)
                            )
                          ORDER BY
                            "tags"."sort_name", "tags"."id"
                        ) AS "l2"
                    )
                  ),
                  json_build_array(
                    18,
                    (
                      SELECT
                        json_build_object(
                          'take',
                          $2::bigint,
                          'backward',
                          $3::boolean,
                          'rows',
                          coalesce(json_agg(row_to_json("l2")), '[]')
                        )
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
                            ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                          ORDER BY
                            "tasks"."position", "tasks"."id"
                          LIMIT
                            51
                        ) AS "l2"
                    )
                  ) ] :: json[]
                ) AS slots
            ) AS r
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
          ("tasks"."id" = $4)
      )
    )
  )
