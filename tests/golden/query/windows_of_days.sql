-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      json_build_object(
        'take',
        $1::bigint,
        'backward',
        $2::boolean,
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
                    ("tasks"."due_at" IS NULL)
                    AND (("tasks"."due_date" >= $3) AND ("tasks"."due_date" < $4))
                  )
                  OR (("tasks"."due_at" >= $5) AND ("tasks"."due_at" < $6))
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                51
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      3,
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
                AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $9)) OR ("tasks"."due_at" < $10))
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                51
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      6,
      json_build_object(
        'take',
        $11::bigint,
        'backward',
        $12::boolean,
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
                    ("tasks"."due_at" IS NULL)
                    AND (("tasks"."due_date" >= $13) AND ("tasks"."due_date" < $14))
                  )
                  OR (("tasks"."due_at" >= $15) AND ("tasks"."due_at" < $16))
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                51
            ) AS "l1"
        )
      )
    ),
    json_build_array(
      9,
      json_build_object(
        'take',
        $17::bigint,
        'backward',
        $18::boolean,
        'total',
        (
          SELECT
            count(*)
          FROM
            "tasks"
          WHERE
            (
              ("tasks"."deleted_at" IS NULL)
              AND (
                (("tasks"."created_at" >= $19) AND ("tasks"."created_at" < $20))
                AND (("tasks"."updated_at" >= $21) AND ("tasks"."updated_at" < $22))
              )
            )
        )
      )
    ),
    json_build_array(
      11,
      json_build_object(
        'take',
        $23::bigint,
        'backward',
        $24::boolean,
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
                  ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $25)) OR ("tasks"."due_at" < $26))
                  AND (
                    (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" >= $27))
                    OR ("tasks"."due_at" >= $28)
                  )
                )
              ORDER BY
                "tasks"."position", "tasks"."id"
              LIMIT
                51
            ) AS "l1"
        )
      )
    ) ] :: json[]
  )
