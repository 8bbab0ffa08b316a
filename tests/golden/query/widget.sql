-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        SELECT
          json_build_object(
            'take',
            $1::bigint,
            'backward',
            $2::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
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
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."deleted_at" IS NULL)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $3))
                AND (
                  (
                    ("tasks"."due_date" < $4)
                    AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $5)) OR ("tasks"."due_at" < $6))
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
              2
          ) AS "l1"
      )
    ),
    json_build_array(
      7,
      json_build_object(
        'total',
        (
          SELECT
            json_build_object(
              'open',
              coalesce(sum(n) FILTER (
                  WHERE
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')), 0),
              'due_today',
              (
                SELECT
                  COUNT(*)
                FROM
                  "tasks"
                WHERE
                  (
                    ("tasks"."deleted_at" IS NULL)
                    AND (
                      "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                      AND (
                        (("tasks"."due_date" >= $7) AND ("tasks"."due_date" < $8))
                        AND (
                          (
                            ("tasks"."due_at" IS NULL)
                            AND (("tasks"."due_date" >= $9) AND ("tasks"."due_date" < $10))
                          )
                          OR (("tasks"."due_at" >= $11) AND ("tasks"."due_at" < $12))
                        )
                      )
                    )
                  )
              )
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
                    (
                      ("tasks"."deleted_at" IS NULL)
                      AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    )
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
