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
            row_to_json(r)
          FROM
            (
              SELECT
                "tags"."id",
                "tags"."version",
                "tags"."name",
                "tags"."label",
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
                ("tags"."id" = $1)
            ) AS "l1",
            LATERAL (
              SELECT
                "l1"."id",
                "l1"."version",
                "l1"."name",
                "l1"."label",
                array_to_json(
                  ARRAY [ json_build_array(5, "l1"."v5"),
                  json_build_array(
                    6,
                    (
                      SELECT
                        json_build_object(
                          'take',
                          $2::bigint,
                          'backward',
                          $3::boolean,
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
                  ) ] :: json[]
                ) AS slots
            ) AS r
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
      settled_snapshot()
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
