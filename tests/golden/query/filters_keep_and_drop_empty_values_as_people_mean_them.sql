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
        'total',
        (
          SELECT
            COUNT(*)
          FROM
            "tasks"
          WHERE
            (("tasks"."deleted_at" IS NULL) AND (fold("tasks"."source") IS DISTINCT FROM $3))
        )
      )
    ),
    json_build_array(
      2,
      json_build_object(
        'take',
        $4::bigint,
        'backward',
        $5::boolean,
        'total',
        (
          SELECT
            COUNT(*)
          FROM
            "tasks"
          WHERE
            (
              ("tasks"."deleted_at" IS NULL)
              AND ("tasks"."energy" = ANY($6::energy_level[])) IS NOT TRUE
            )
        )
      )
    ),
    json_build_array(
      4,
      json_build_object(
        'take',
        $7::bigint,
        'backward',
        $8::boolean,
        'total',
        (
          SELECT
            COUNT(*)
          FROM
            "tasks"
          WHERE
            (("tasks"."deleted_at" IS NULL) AND ((fold("tasks"."description") LIKE $9)) IS NOT TRUE)
        )
      )
    ),
    json_build_array(
      6,
      json_build_object(
        'take',
        $10::bigint,
        'backward',
        $11::boolean,
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
                (
                  ("tasks"."due_date" < $12)
                  AND ((("tasks"."due_at" IS NULL) AND ("tasks"."due_date" < $13)) OR ("tasks"."due_at" < $14))
                )
              ) IS NOT TRUE
            )
        )
      )
    ),
    json_build_array(
      8,
      json_build_object(
        'take',
        $15::bigint,
        'backward',
        $16::boolean,
        'total',
        (
          SELECT
            COUNT(*)
          FROM
            "tasks"
          WHERE
            (("tasks"."deleted_at" IS NULL) AND FALSE)
        )
      )
    ),
    json_build_array(
      10,
      json_build_object(
        'take',
        $17::bigint,
        'backward',
        $18::boolean,
        'total',
        (
          SELECT
            COUNT(*)
          FROM
            "tasks"
          WHERE
            (("tasks"."deleted_at" IS NULL) AND (("tasks"."id" = ANY($19))) IS NOT TRUE)
        )
      )
    ),
    json_build_array(
      12,
      (
        SELECT
          json_build_object(
            'take',
            $20::bigint,
            'backward',
            $21::boolean,
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
                EXISTS (
                  SELECT
                  FROM
                    (
                      SELECT
                        "task_tags"."task_id"
                      FROM
                        "task_tags" INNER JOIN "tags" ON "task_tags"."tag_id" = "tags"."id"
                      WHERE
                        (("tags"."deleted_at" IS NULL) AND ((fold("tags"."prefix") = $22)) IS NOT TRUE)
                    ) AS c(k)
                  WHERE
                    c.k = "tasks"."id"
                )
              ) IS NOT TRUE
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      15,
      (
        SELECT
          json_build_object(
            'take',
            $23::bigint,
            'backward',
            $24::boolean,
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
              AND "tasks"."id" IN (
                SELECT
                  c.k
                FROM
                  (
                    SELECT
                      "task_tags"."task_id"
                    FROM
                      "task_tags" INNER JOIN "tags" ON "task_tags"."tag_id" = "tags"."id"
                    WHERE
                      (("tags"."deleted_at" IS NULL) AND ("tags"."id" = ANY($25)))
                  ) AS c(k)
                GROUP BY
                  c.k
                HAVING
                  count(*) >= $26
              )
            ORDER BY
              "tasks"."position", "tasks"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ),
    json_build_array(
      18,
      (
        SELECT
          json_build_object(
            'take',
            $27::bigint,
            'backward',
            $28::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
        FROM
          (
            SELECT
              "projects"."id", "projects"."version", "projects"."title", "projects"."status"
            FROM
              "projects"
            WHERE
              ("projects"."deleted_at" IS NULL)
              AND (
                (
                  SELECT
                    count(*)
                  FROM
                    (
                      SELECT
                        "tasks"."project_id"
                      FROM
                        "tasks"
                      WHERE
                        ("tasks"."deleted_at" IS NULL)
                    ) AS c(k)
                  WHERE
                    c.k = "projects"."id"
                ) >= $29
              )
            ORDER BY
              "projects"."sort_title", "projects"."id"
            LIMIT
              51
          ) AS "l1"
      )
    ) ] :: json[]
  )
