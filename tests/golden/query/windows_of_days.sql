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
                (("tasks"."due_date" >= $3) AND ("tasks"."due_date" < $4))
                AND (
                  (
                    ("tasks"."due_at" IS NULL)
                    AND (("tasks"."due_date" >= $5) AND ("tasks"."due_date" < $6))
                  )
                  OR (("tasks"."due_at" >= $7) AND ("tasks"."due_at" < $8))
                )
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      3,
      (
        SELECT
          json_build_object(
            'take',
            $9::bigint,
            'backward',
            $10::boolean,
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
                ("tasks"."due_date" < $11)
                AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $12)) OR ("tasks"."due_at" < $13))
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      6,
      (
        SELECT
          json_build_object(
            'take',
            $14::bigint,
            'backward',
            $15::boolean,
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
                (("tasks"."due_date" >= $16) AND ("tasks"."due_date" < $17))
                AND (
                  (
                    ("tasks"."due_at" IS NULL)
                    AND (("tasks"."due_date" >= $18) AND ("tasks"."due_date" < $19))
                  )
                  OR (("tasks"."due_at" >= $20) AND ("tasks"."due_at" < $21))
                )
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      9,
      json_build_object(
        'take',
        $22::bigint,
        'backward',
        $23::boolean,
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
                (("tasks"."created_at" >= $24) AND ("tasks"."created_at" < $25))
                AND (("tasks"."updated_at" >= $26) AND ("tasks"."updated_at" < $27))
              )
            )
        )
      )
    ),
    json_build_array(
      11,
      (
        SELECT
          json_build_object(
            'take',
            $28::bigint,
            'backward',
            $29::boolean,
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
                  ("tasks"."due_date" < $30)
                  AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $31)) OR ("tasks"."due_at" < $32))
                )
                AND (
                  ("tasks"."due_date" >= $33)
                  AND (
                    (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" >= $34))
                    OR ("tasks"."due_at" >= $35)
                  )
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
