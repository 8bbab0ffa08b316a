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
            coalesce(json_agg(row_to_json(r)), '[]')
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
              "tasks"."position",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND ("tasks"."due_date" < $3)
                  AND (("tasks"."due_at" < $4) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $5)))
                )
              ) IS TRUE AS "v5",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $6) AND ("tasks"."due_date" < $7))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $8) AND ("tasks"."due_date" < $9))
                      )
                      OR (("tasks"."due_at" >= $10) AND ("tasks"."due_at" < $11))
                    )
                  )
                )
              ) IS TRUE AS "v6"
            FROM
              "tasks"
            WHERE
              ("tasks"."deleted_at" IS NULL)
              AND (
                ("tasks"."due_date" < $12)
                AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $13)) OR ("tasks"."due_at" < $14))
              )
            ORDER BY
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
              "l1"."title",
              "l1"."status",
              "l1"."priority",
              "l1"."due_date",
              "l1"."due_at",
              "l1"."position",
              array_to_json(ARRAY [ json_build_array(5, "l1"."v5"), json_build_array(6, "l1"."v6") ] :: json[]) AS slots
          ) AS r
      )
    ),
    json_build_array(
      8,
      (
        SELECT
          json_build_object(
            'take',
            $15::bigint,
            'backward',
            $16::boolean,
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
                (("tasks"."due_date" >= $17) AND ("tasks"."due_date" < $18))
                AND (
                  (
                    ("tasks"."due_at" IS NULL)
                    AND (("tasks"."due_date" >= $19) AND ("tasks"."due_date" < $20))
                  )
                  OR (("tasks"."due_at" >= $21) AND ("tasks"."due_at" < $22))
                )
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ) ] :: json[]
  )
