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
            coalesce(json_agg(row_to_json(r)), '[]')
          )
        FROM
          (
            SELECT
              "tags"."id",
              "tags"."version",
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
              ) AS "v7"
            FROM
              "tags"
            WHERE
              ("tags"."deleted_at" IS NULL)
            ORDER BY
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
              ) DESC,
              "tags"."id" DESC
            LIMIT
              51
          ) AS "l1",
          LATERAL (
            SELECT
              "l1"."id",
              "l1"."version",
              "l1"."name",
              "l1"."prefix",
              "l1"."label",
              "l1"."color",
              array_to_json(ARRAY [ json_build_array(7, "l1"."v7") ] :: json[]) AS slots
          ) AS r
      )
    ),
    json_build_array(
      8,
      (
        SELECT
          json_build_object(
            'take',
            $3::bigint,
            'backward',
            $4::boolean,
            'rows',
            coalesce(json_agg(row_to_json("l1")), '[]')
          )
        FROM
          (
            SELECT
              "tags"."id", "tags"."version", "tags"."name", "tags"."label"
            FROM
              "tags"
            WHERE
              ("tags"."deleted_at" IS NULL) AND (fold("tags"."name") LIKE $5)
            ORDER BY
              "tags"."sort_name", "tags"."id"
            LIMIT
              6
          ) AS "l1"
      )
    ) ] :: json[]
  )
