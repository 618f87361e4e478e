CREATE TABLE "access_grants" (
	"organization" text COLLATE "C" NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"issuer" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"holder" text COLLATE "C" NOT NULL,
	"membership" text COLLATE "C" NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "access_grants_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "addresses" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"text" text COLLATE "C" NOT NULL,
	"address" "bytea",
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "addresses_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "directory" (
	"organization" uuid NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"sort_name" text COLLATE "C" NOT NULL,
	"searched" text COLLATE "C" NOT NULL,
	"created_at" bigint,
	"details" text COLLATE "C" NOT NULL,
	CONSTRAINT "directory_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "event_ids" (
	"organization" uuid NOT NULL,
	"id" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	CONSTRAINT "event_ids_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"organization" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"created_at" bigint NOT NULL,
	"id" uuid NOT NULL,
	"series" integer NOT NULL,
	"resource" integer NOT NULL,
	"address" integer NOT NULL,
	"kind" integer NOT NULL,
	"recorded_ms" bigint NOT NULL,
	CONSTRAINT "events_organization_created_at_sequence_pk" PRIMARY KEY("organization","created_at","sequence")
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
CREATE TABLE "day_counts" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"period" integer NOT NULL,
	"events" integer NOT NULL,
	CONSTRAINT "day_counts_organization_number_period_pk" PRIMARY KEY("organization","number","period")
);
--> statement-breakpoint
CREATE TABLE "kinds" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"action" text COLLATE "C" NOT NULL,
	"category" text COLLATE "C" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "kinds_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "names" (
	"organization" uuid NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"since" bigint NOT NULL,
	"name" text COLLATE "C",
	CONSTRAINT "names_organization_id_since_pk" PRIMARY KEY("organization","id","since")
);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"key" uuid PRIMARY KEY NOT NULL,
	"id" uuid NOT NULL,
	"name" text COLLATE "C",
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	"last_sequence" bigint DEFAULT 0 NOT NULL,
	"kept_from" bigint,
	"dropped_id" uuid,
	"dropped_sequence" bigint DEFAULT 0 NOT NULL,
	"last_number" integer DEFAULT 0 NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "principals" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "principals_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "read_windows" (
	"organization" uuid NOT NULL,
	"from" bigint NOT NULL,
	"until" bigint NOT NULL,
	"events" bigint NOT NULL,
	"read_at" bigint NOT NULL,
	CONSTRAINT "read_windows_organization_from_pk" PRIMARY KEY("organization","from")
);
--> statement-breakpoint
CREATE TABLE "resources" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	CONSTRAINT "resources_organization_number_pk" PRIMARY KEY("organization","number")
);
--> statement-breakpoint
CREATE TABLE "saved_views" (
	"organization" uuid NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"account" text COLLATE "C" NOT NULL,
	"author" text COLLATE "C",
	"name" text COLLATE "C" NOT NULL,
	"page_query" text COLLATE "C" NOT NULL,
	"shared" integer NOT NULL,
	"created_at" bigint NOT NULL,
	"updated_at" bigint NOT NULL,
	CONSTRAINT "saved_views_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "seals" (
	"organization" uuid NOT NULL,
	"sequence" bigint NOT NULL,
	"events" bigint NOT NULL,
	"recorded_at" bigint NOT NULL,
	"parts" "bytea" NOT NULL,
	"head" "bytea" NOT NULL,
	CONSTRAINT "seals_organization_sequence_pk" PRIMARY KEY("organization","sequence")
);
--> statement-breakpoint
CREATE TABLE "series" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"principal" integer NOT NULL,
	"user_agent" integer NOT NULL,
	"kind" integer NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "series_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "quarter_counts" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"period" integer NOT NULL,
	"events" integer NOT NULL,
	CONSTRAINT "quarter_counts_organization_number_period_pk" PRIMARY KEY("organization","number","period")
);
--> statement-breakpoint
CREATE TABLE "sessions" (
	"hash" "bytea" PRIMARY KEY NOT NULL,
	"issuer" text COLLATE "C" NOT NULL,
	"subject" text COLLATE "C" NOT NULL,
	"person" text COLLATE "C" NOT NULL,
	"check_at" bigint NOT NULL,
	"valid_until" bigint NOT NULL,
	"expires_at" bigint NOT NULL,
	"tokens" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "tokens" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"name" text COLLATE "C",
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"grants" text COLLATE "C" NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_agents" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"text" text COLLATE "C" NOT NULL,
	"hash" "bytea" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint DEFAULT 0 NOT NULL,
	"last_at" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "user_agents_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE INDEX "access_grants_by_holder" ON "access_grants" USING btree ("issuer","kind","holder");--> statement-breakpoint
CREATE UNIQUE INDEX "addresses_by_text" ON "addresses" USING btree ("organization","text");--> statement-breakpoint
CREATE INDEX "addresses_by_address" ON "addresses" USING btree ("organization","address");--> statement-breakpoint
CREATE UNIQUE INDEX "event_ids_by_sequence" ON "event_ids" USING btree ("organization","sequence");--> statement-breakpoint
CREATE INDEX "events_by_series" ON "events" USING btree ("organization","series","created_at");--> statement-breakpoint
CREATE INDEX "events_by_resource" ON "events" USING btree ("organization","resource","created_at");--> statement-breakpoint
CREATE INDEX "events_by_address" ON "events" USING btree ("organization","address","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "kinds_by_words" ON "kinds" USING btree ("organization","action","category");--> statement-breakpoint
CREATE UNIQUE INDEX "principals_by_id" ON "principals" USING btree ("organization","id");--> statement-breakpoint
CREATE UNIQUE INDEX "resources_by_id" ON "resources" USING btree ("organization","id");--> statement-breakpoint
CREATE INDEX "saved_views_by_account" ON "saved_views" USING btree ("organization","shared","account");--> statement-breakpoint
CREATE UNIQUE INDEX "series_by_principal" ON "series" USING btree ("organization","principal","user_agent","kind");--> statement-breakpoint
CREATE INDEX "series_by_user_agent" ON "series" USING btree ("organization","user_agent");--> statement-breakpoint
CREATE INDEX "series_by_kind" ON "series" USING btree ("organization","kind");--> statement-breakpoint
CREATE INDEX "sessions_by_subject" ON "sessions" USING btree ("issuer","subject");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_by_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "user_agents_by_hash" ON "user_agents" USING btree ("organization","hash");