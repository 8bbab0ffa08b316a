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
                (("tasks"."due_at" < $3) AND ("tasks"."due_at" >= $4))
                AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
              )
            ORDER BY
              coalesce("tasks"."due_date", date 'infinity'),
              coalesce("tasks"."due_at", timestamptz 'infinity'),
              "tasks"."id"
            LIMIT
              201
          ) AS "l1"
      )
    ) ] :: json[]
  )
