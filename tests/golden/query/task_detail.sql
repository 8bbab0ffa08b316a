-- 1 statement(s)
SELECT
  array_to_json(
    ARRAY [ json_build_array(
      0,
      (
        SELECT
          row_to_json(r)
        FROM
          (
            SELECT
              "tasks"."id",
              "tasks"."version",
              "tasks"."created_at",
              "tasks"."updated_at",
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
              "tasks"."position",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND ("tasks"."due_date" < $1)
                  AND (("tasks"."due_at" < $2) OR (("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $3)))
                )
              ) IS TRUE AS "v35",
              (
                (
                  "tasks"."status" IN ('inbox', 'todo', 'in_progress', 'blocked')
                  AND (
                    (("tasks"."due_date" >= $4) AND ("tasks"."due_date" < $5))
                    AND (
                      (
                        ("tasks"."due_at" IS NULL)
                        AND (("tasks"."due_date" >= $6) AND ("tasks"."due_date" < $7))
                      )
                      OR (("tasks"."due_at" >= $8) AND ("tasks"."due_at" < $9))
                    )
                  )
                )
              ) IS TRUE AS "v36",
              "tasks"."project_id" AS "project_id",
              "tasks"."description" AS "v1",
              "tasks"."parent_id" AS "parent_id"
            FROM
              "tasks"
            WHERE
              ("tasks"."id" = $10)
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."created_at",
              "l1"."updated_at",
              "l1"."title",
              "l1"."status",
              "l1"."priority",
              "l1"."due_date",
              "l1"."due_at",
              "l1"."scheduled_date",
              "l1"."snoozed_until",
              "l1"."completed_at",
              "l1"."energy",
              "l1"."time_estimate",
              "l1"."source",
              "l1"."position",
              array_to_json(
                ARRAY [ json_build_array(35, "l1"."v35"),
                json_build_array(36, "l1"."v36"),
                json_build_array(
                  42,
                  (
                    SELECT
                      row_to_json("l2")
                    FROM
                      (
                        SELECT
                          "projects"."id",
                          "projects"."version",
                          "projects"."title",
                          "projects"."status",
                          "projects"."color"
                        FROM
                          "projects"
                        WHERE
                          ("projects"."id" = "l1"."project_id" AND ("projects"."deleted_at" IS NULL))
                      ) AS "l2"
                  )
                ),
                json_build_array(
                  46,
                  (
                    SELECT
                      coalesce(json_agg(row_to_json("l2")), '[]')
                    FROM
                      (
                        SELECT
                          "tags"."id",
                          "tags"."version",
                          "tags"."name",
                          "tags"."prefix",
                          "tags"."label",
                          "tags"."color"
                        FROM
                          "tags"
                        WHERE
                          (
                            "tags"."id" IN (
                              SELECT
                                "task_tags"."tag_id"
                              FROM
                                "task_tags"
                              WHERE
                                "task_tags"."task_id" = "l1"."id"
                            )
                            AND ("tags"."deleted_at" IS NULL)
                          )
                        ORDER BY
                          "tags"."sort_name", "tags"."id"
                      ) AS "l2"
                  )
                ),
                json_build_array(
                  52,
                  (
                    SELECT
                      json_build_object(
                        'total',
                        COUNT(*),
                        'done',
                        count("tasks"."status") FILTER (
                          WHERE
                            ("tasks"."status" IN ('done')) IS TRUE)
                      )
                    FROM
                      "tasks"
                    WHERE
                      ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                  )
                ),
                json_build_array(1, "l1"."v1"),
                json_build_array(
                  5,
                  (
                    SELECT
                      row_to_json("l2")
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
                          ("tasks"."id" = "l1"."parent_id" AND ("tasks"."deleted_at" IS NULL))
                      ) AS "l2"
                  )
                ),
                json_build_array(
                  8,
                  (
                    SELECT
                      json_build_object(
                        'take',
                        $11::bigint,
                        'backward',
                        $12::boolean,
                        'rows',
                        coalesce(json_agg(row_to_json("l2")), '[]')
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
                          ("tasks"."parent_id" = "l1"."id" AND ("tasks"."deleted_at" IS NULL))
                        ORDER BY
                          "tasks"."position", "tasks"."id"
                        LIMIT
                          101
                      ) AS "l2"
                  )
                ) ] :: json[]
              ) AS slots
          ) AS r
      )
    ),
    json_build_array(
      15,
      (
        SELECT
          json_build_object(
            'take',
            $13::bigint,
            'backward',
            $14::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
        FROM
          (
            SELECT
              "tags"."id",
              "tags"."version",
              "tags"."name",
              "tags"."prefix",
              "tags"."label",
              "tags"."color"
            FROM
              "tags"
            WHERE
              ("tags"."deleted_at" IS NULL)
            ORDER BY
              "tags"."sort_name", "tags"."id"
            LIMIT
              501
          ) AS "l1"
      )
    ),
    json_build_array(
      22,
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
              "projects"."id",
              "projects"."version",
              "projects"."title",
              "projects"."status",
              "projects"."color",
              "projects"."icon"
            FROM
              "projects"
            WHERE
              ("projects"."deleted_at" IS NULL) AND ("projects"."status" = $17::project_status)
            ORDER BY
              "projects"."sort_title", "projects"."id"
            LIMIT
              101
          ) AS "l1"
      )
    ) ] :: json[]
  )
