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
                    ("tasks"."due_date" < $3)
                    AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $4)) OR ("tasks"."due_at" < $5))
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $6))
                  AND (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                )
              )
          )
        ),
        json_build_object(
          'name',
          $7,
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $8))
                  AND (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND ("tasks"."due_date" < $9)
                    AND (("tasks"."due_at" < $10) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $11)))
                  )
                )
              )
          )
        ),
        json_build_object(
          'name',
          $12,
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
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $13))
                  AND ("tasks"."status" IN ('inbox') AND ("tasks"."parent_id" IS NULL))
                )
              )
          )
        ),
        json_build_object(
          'name',
          $14,
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
                          (("tags"."deleted_at" IS NULL) AND (fold("tags"."name") = $15))
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
