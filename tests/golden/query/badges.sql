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
              count(*)
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
                    ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $3)) OR ("tasks"."due_at" < $4))
                    OR (("tasks"."due_date" IS NULL) AND "tasks"."priority" IN ('urgent'))
                  )
                )
              )
          )
        ),
        json_build_object(
          'name',
          $5,
          'count',
          (
            SELECT
              count(*)
            FROM
              "tasks"
            WHERE
              (
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."deleted_at" IS NULL)
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $6))
                  AND (
                    "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                    AND (("tasks"."due_at" < $7) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $8)))
                  )
                )
              )
          )
        ),
        json_build_object(
          'name',
          $9,
          'count',
          (
            SELECT
              count(*)
            FROM
              "tasks"
            WHERE
              (
                ("tasks"."deleted_at" IS NULL)
                AND (
                  ("tasks"."deleted_at" IS NULL)
                  AND "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (("tasks"."snoozed_until" IS NULL) OR ("tasks"."snoozed_until" <= $10))
                  AND (
                    "tasks"."status" IN ('inbox')
                    AND (
                      ("tasks"."parent_id" IS NULL)
                      OR (
                        (("tasks"."deleted_at" IS NULL)) IS NOT TRUE
                        AND (
                          EXISTS (
                            SELECT
                            FROM
                              (
                                SELECT
                                  "tasks"."id"
                                FROM
                                  "tasks"
                                WHERE
                                  ("tasks"."deleted_at" IS NULL)
                              ) AS c(k)
                            WHERE
                              c.k = "tasks"."parent_id"
                          )
                        ) IS NOT TRUE
                      )
                    )
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
              count(*)
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
                          (("tags"."deleted_at" IS NULL) AND (fold("tags"."name") = $12))
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
