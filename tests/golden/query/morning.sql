-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'open',
              count("tasks"."id") FILTER (
                WHERE
                  ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE),
              'overdue',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (("tasks"."due_at" < $1) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $2)))
                    )
                  ) IS TRUE
              ),
              'due_today',
              count("tasks"."id") FILTER (
                WHERE
                  (
                    (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (
                        (
                          ("tasks"."due_at" IS NULL)
                          AND (("tasks"."due_date" >= $3) AND ("tasks"."due_date" < $4))
                        )
                        OR (("tasks"."due_at" >= $5) AND ("tasks"."due_at" < $6))
                      )
                    )
                  ) IS TRUE
              )
            )
          FROM
            "tasks"
          WHERE
            ("tasks"."deleted_at" IS NULL)
        ),
        'groups',
        (
          SELECT
            coalesce(
              json_agg(
                json_build_object(
                  'priority',
                  "l1"."priority",
                  'measures',
                  "l1"."measures",
                  'slots',
                  array_to_json(ARRAY[]::json[])
                )
              ),
              '[]'
            )
          FROM
            (
              SELECT
                "tasks"."priority" AS "priority",
                json_build_object(
                  'open',
                  count("tasks"."id") FILTER (
                    WHERE
                      ("tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')) IS TRUE)
                ) AS "measures"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
              GROUP BY
                1
              ORDER BY
                1
              LIMIT
                10001
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      9,
      json_build_object(
        'take',
        $7::bigint,
        'backward',
        $8::boolean,
        'rows',
        (
          SELECT
            coalesce(json_agg(row_to_json("l1")), '[]')
          FROM
            (
              SELECT
                "tasks"."id",
                "tasks"."version",
                "tasks"."created_at",
                "tasks"."updated_at",
                "tasks"."deleted_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."scheduled_date",
                "tasks"."snoozed_until",
                "tasks"."completed_at",
                "tasks"."energy",
                "tasks"."time_estimate",
                "tasks"."source",
                "tasks"."position"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."priority" = $9::task_priority)
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                )
              ORDER BY
                coalesce("tasks"."due_date", date 'infinity'),
                coalesce("tasks"."due_at", timestamptz 'infinity'),
                "tasks"."id"
              LIMIT
                6
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      16,
      json_build_object(
        'take',
        $10::bigint,
        'backward',
        $11::boolean,
        'rows',
        (
          SELECT
            coalesce(json_agg(row_to_json("l1")), '[]')
          FROM
            (
              SELECT
                "tasks"."id",
                "tasks"."version",
                "tasks"."created_at",
                "tasks"."updated_at",
                "tasks"."deleted_at",
                "tasks"."title",
                "tasks"."status",
                "tasks"."priority",
                "tasks"."due_date",
                "tasks"."due_at",
                "tasks"."scheduled_date",
                "tasks"."snoozed_until",
                "tasks"."completed_at",
                "tasks"."energy",
                "tasks"."time_estimate",
                "tasks"."source",
                "tasks"."position"
              FROM
                "tasks"
              WHERE
                ("tasks"."deleted_at" IS NULL)
                AND (
                  (
                    (
                      ("tasks"."due_at" IS NULL)
                      AND (("tasks"."due_date" >= $12) AND ("tasks"."due_date" < $13))
                    )
                    OR (("tasks"."due_at" >= $14) AND ("tasks"."due_at" < $15))
                  )
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                )
              ORDER BY
                "tasks"."priority" DESC, "tasks"."id" DESC
              LIMIT
                11
            ) AS "l1"
        )
      )
    ) ] :: json[]
  )
