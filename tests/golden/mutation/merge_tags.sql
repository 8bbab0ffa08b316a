-- 2 statement(s)
WITH
written AS (
  SELECT
    merge_tags($1, $2, $3))
SELECT
  json_build_object(
    'written',
    (
      SELECT
        count(*)
      FROM
        written
    )
  );

SELECT
  json_build_object(
    'slots',
    array_to_json(
      ARRAY [ json_build_array(
        1,
        (
          SELECT
            (
              SELECT
                row_to_json(r)
              FROM
                (
                  SELECT
                    "l1"."id",
                    "l1"."version",
                    "l1"."created_at",
                    "l1"."updated_at",
                    "l1"."deleted_at",
                    "l1"."name",
                    "l1"."prefix",
                    "l1"."label",
                    "l1"."color",
                    array_to_json(
                      ARRAY [ json_build_array(5, "l1"."v5"),
                      json_build_array(
                        6,
                        json_build_object(
                          'take',
                          $1::bigint,
                          'backward',
                          $2::boolean,
                          'rows',
                          (
                            SELECT
                              coalesce(json_agg(row_to_json("l2")), '[]')
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
                                  (
                                    "tasks"."id" IN (
                                      SELECT
                                        "task_tags"."task_id"
                                      FROM
                                        "task_tags"
                                      WHERE
                                        "task_tags"."tag_id" = "l1"."id"
                                    )
                                    AND ("tasks"."deleted_at" IS NULL)
                                  )
                                ORDER BY
                                  "tasks"."position", "tasks"."id"
                                LIMIT
                                  51
                              ) AS "l2"
                          )
                        )
                      ) ] :: json[]
                    ) AS "slots"
                ) AS r
            )
          FROM
            (
              SELECT
                "tags"."id",
                "tags"."version",
                "tags"."created_at",
                "tags"."updated_at",
                "tags"."deleted_at",
                "tags"."name",
                "tags"."prefix",
                "tags"."label",
                "tags"."color",
                (
                  SELECT
                    count(*)
                  FROM
                    (
                      SELECT
                        "task_tags"."tag_id"
                      FROM
                        "task_tags"
                      WHERE
                        "task_tags"."task_live"
                    ) AS c(k)
                  WHERE
                    c.k = "tags"."id"
                ) AS "v5"
              FROM
                "tags"
              WHERE
                ("tags"."id" = $3)
            ) AS "l1"
        )
      ) ] :: json[]
    ),
    'mark',
    json_build_array(
      (
        SELECT
          "settings"."feed_id"
        FROM
          "settings"
      ),
      pg_current_snapshot()
    ),
    'seen',
    json_build_object(
      'trashed',
      (
        SELECT
          ("tags"."deleted_at" IS NOT NULL)
        FROM
          "tags"
        WHERE
          ("tags"."id" = $4)
      )
    )
  )
