-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      array_to_json(
        ARRAY [ json_build_object(
          'name',
          $1,
          'count',
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $2))
                  AND (
                    (
                      ("tasks"."due_date" < $3)
                      AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $4)) OR ("tasks"."due_at" < $5))
                    )
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
              )
          )
        ),
        json_build_object(
          'name',
          $6,
          'count',
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $7))
                  AND (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND ("tasks"."due_date" < $8)
                    AND (("tasks"."due_at" < $9) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $10)))
                  )
                )
              )
          )
        ),
        json_build_object(
          'name',
          $11,
          'count',
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $12))
                  AND ("tasks"."status" IN ('inbox') AND ("tasks"."parent_id" IS NULL))
                )
              )
          )
        ),
        json_build_object(
          'name',
          $13,
          'count',
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
                  AND EXISTS (
                    SELECT
                    FROM
                      (
                        SELECT
                          "task_tags"."task_id"
                        FROM
                          "task_tags" INNER JOIN "tags" ON "task_tags"."tag_id" = "tags"."id"
                        WHERE
                          (("tags"."deleted_at" IS NULL) AND (fold("tags"."name") = $14))
                      ) AS c(k)
                    WHERE
                      c.k = "tasks"."id"
                  )
                )
              )
          )
        ) ] :: json[]
      )
    ) ] :: json[]
  )
