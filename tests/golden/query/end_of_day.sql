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
            'total',
            (
              SELECT
                COUNT(*)
              FROM
                "tasks"
              WHERE
                (
                  ("tasks"."deleted_at" IS NULL)
                  AND (("tasks"."completed_at" >= $3) AND ("tasks"."completed_at" < $4))
                )
            ),
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
              "tasks"."completed_at",
              "tasks"."position"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (("tasks"."completed_at" >= $5) AND ("tasks"."completed_at" < $6))
            ORDER BY
              coalesce("tasks"."completed_at", timestamptz '-infinity') DESC, "tasks"."id" DESC
            LIMIT
              6
          ) AS "l1"
      )
    ),
    json_build_array(
      5,
      (
        SELECT
          json_build_object(
            'take',
            $7::bigint,
            'backward',
            $8::boolean,
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
                    ("tasks"."priority" = $9::task_priority)
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  )
                )
            ),
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
                ("tasks"."priority" = $10::task_priority)
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              6
          ) AS "l1"
      )
    ),
    json_build_array(
      9,
      (
        SELECT
          json_build_object(
            'take',
            $11::bigint,
            'backward',
            $12::boolean,
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
                    (
                      (("tasks"."due_date" >= $13) AND ("tasks"."due_date" < $14))
                      AND (
                        (
                          ("tasks"."due_at" IS NULL)
                          AND (("tasks"."due_date" >= $15) AND ("tasks"."due_date" < $16))
                        )
                        OR (("tasks"."due_at" >= $17) AND ("tasks"."due_at" < $18))
                      )
                    )
                    AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  )
                )
            ),
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
                (
                  (("tasks"."due_date" >= $19) AND ("tasks"."due_date" < $20))
                  AND (
                    (
                      ("tasks"."due_at" IS NULL)
                      AND (("tasks"."due_date" >= $21) AND ("tasks"."due_date" < $22))
                    )
                    OR (("tasks"."due_at" >= $23) AND ("tasks"."due_at" < $24))
                  )
                )
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              6
          ) AS "l1"
      )
    ) ] :: json[]
  )
