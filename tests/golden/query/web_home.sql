-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      27,
      (
        SELECT
          json_build_object(
            'take',
            $1::bigint,
            'backward',
            $2::boolean,
            'total',
            (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $3))
                    AND (
                      ("tasks"."due_date" < $4)
                      AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $5)) OR ("tasks"."due_at" < $6))
                    )
                  )
                )
            ) + (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (
                    ("tasks"."deleted_at" IS NULL)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $7))
                    AND (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
            ),
            'keyed',
            coalesce(json_agg(json_build_array(row_to_json(r), "l1"."cursor")), '[]'),
            'lists',
            array_to_json(
              ARRAY [ json_build_array(
                18,
                (
                  SELECT
                    coalesce(json_agg(json_build_array(row_to_json(r), "l2"."numbers")), '[]')
                  FROM
                    (
                      SELECT
                        "tags"."id",
                        "tags"."version",
                        "tags"."name",
                        "tags"."prefix",
                        "tags"."label",
                        "tags"."color",
                        c.numbers AS "numbers"
                      FROM
                        "tags"
                        INNER JOIN (
                          SELECT
                            "task_tags"."tag_id" AS id, array_agg(n) AS numbers
                          FROM
                            unnest(array_agg("l1"."id"))
                          WITH
                          ORDINALITY AS parent(id, n)
                          INNER JOIN "task_tags" ON "task_tags"."task_id" = parent.id
                          GROUP BY
                            "task_tags"."tag_id"
                        ) AS c ON c.id = "tags"."id"
                      WHERE
                        ("tags"."deleted_at" IS NULL)
                      ORDER BY
                        "tags"."sort_name", "tags"."id"
                    ) AS "l2",
                    LATERAL (
                      SELECT
                        "l2"."id", "l2"."version", "l2"."name", "l2"."prefix", "l2"."label", "l2"."color") AS r
                )
              ) ] :: json[]
            )
          )
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
              json_build_array($8::text, "tasks"."priority", "tasks"."due_date", "tasks"."due_at", "tasks"."id") AS "cursor",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND ("tasks"."due_date" < $9)
                  AND (("tasks"."due_at" < $10) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $11)))
                )
              ) IS TRUE AS "v7",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $12) AND ("tasks"."due_date" < $13))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $14) AND ("tasks"."due_date" < $15))
                      )
                      OR (("tasks"."due_at" >= $16) AND ("tasks"."due_at" < $17))
                    )
                  )
                )
              ) IS TRUE AS "v8",
              "tasks"."project_id" AS "project_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."deleted_at" IS NULL)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $18))
                AND (
                  (
                    ("tasks"."due_date" < $19)
                    AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $20)) OR ("tasks"."due_at" < $21))
                  )
                  OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                )
              )
            ORDER BY
              turned("tasks"."priority"),
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              51
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."updated_at",
              "l1"."title",
              "l1"."status",
              "l1"."priority",
              "l1"."due_date",
              "l1"."due_at",
              "l1"."snoozed_until",
              "l1"."completed_at",
              "l1"."energy",
              "l1"."time_estimate",
              "l1"."position",
              array_to_json(
                ARRAY [ json_build_array(7, "l1"."v7"),
                json_build_array(8, "l1"."v8"),
                json_build_array(
                  14,
                  (
                    SELECT
                      row_to_json("l2")
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
                          ("projects"."id" = "l1"."project_id" AND ("projects"."deleted_at" IS NULL))
                      ) AS "l2"
                  )
                ),
                json_build_array(
                  24,
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
                      ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                  )
                ) ] :: json[]
              ) AS slots
          ) AS r
      )
    ),
    json_build_array(
      33,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'open',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')), 0),
              'count',
              coalesce(sum(n), 0)
            )
          FROM
            (
              SELECT
                kind.*, cell.n
              FROM
                (
                  SELECT
                    tasks.status, tasks.priority
                  FROM
                    (
                      SELECT
                        *
                      FROM
                        unnest(enum_range(NULL::task_status)) AS s(status),
                        unnest(enum_range(NULL::task_priority)) AS p(priority)
                    ) AS tasks
                ) AS kind,
                LATERAL (
                  SELECT
                    count(*) AS n
                  FROM
                    tasks
                  WHERE
                    ("tasks"."deleted_at" IS NULL)
                    AND tasks.status = kind.status
                    AND tasks.priority = kind.priority
                ) AS cell
              WHERE
                cell.n > 0
            ) AS tasks
        )
      )
    ) ] :: json[]
  )
