CREATE TABLE "names" (
	"organization" uuid NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"since" bigint NOT NULL,
	"name" text COLLATE "C",
	CONSTRAINT "names_organization_id_since_pk" PRIMARY KEY("organization","id","since")
);
--> statement-breakpoint
UPDATE "directory" SET "details" = jsonb_set("details"::jsonb, '{updatedAt}', 'null')::text
	WHERE "kind" IN ('group', 'policy', 'api_key');
--> statement-breakpoint
INSERT INTO "names" ("organization", "id", "since", "name")
	SELECT "organization", "id",
		coalesce(("details"::jsonb ->> 'updatedAt')::bigint, "created_at",
			(extract(epoch FROM now()) * 1000000)::bigint),
		CASE "kind" WHEN 'api_key' THEN "details"::jsonb ->> 'description' ELSE "name" END
	FROM "directory" WHERE "kind" <> 'scaleway';
