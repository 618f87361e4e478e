CREATE TABLE "addresses" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"text" text COLLATE "C" NOT NULL,
	"address" "bytea",
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint,
	"last_at" bigint,
	CONSTRAINT "addresses_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "directory" (
	"organization" uuid NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"kind" text COLLATE "C" NOT NULL,
	"name" text COLLATE "C" NOT NULL,
	"created_at" bigint,
	"email" text COLLATE "C",
	"username" text COLLATE "C",
	"details" text NOT NULL,
	CONSTRAINT "directory_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "event_ids" (
	"organization" uuid NOT NULL,
	"id" uuid NOT NULL,
	"created_at" bigint NOT NULL,
	"arrival" bigint NOT NULL,
	CONSTRAINT "event_ids_organization_id_pk" PRIMARY KEY("organization","id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"organization" uuid NOT NULL,
	"id" uuid NOT NULL,
	"created_at" bigint NOT NULL,
	"recorded_at" bigint NOT NULL,
	"kind" integer NOT NULL,
	"principal" integer NOT NULL,
	"user_agent" integer,
	"address" integer,
	"resource" text COLLATE "C" NOT NULL,
	CONSTRAINT "events_organization_created_at_id_pk" PRIMARY KEY("organization","created_at","id")
) PARTITION BY RANGE ("created_at");
--> statement-breakpoint
CREATE TABLE "kinds" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"action" text COLLATE "C" NOT NULL,
	"category" text COLLATE "C" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint,
	"last_at" bigint,
	CONSTRAINT "kinds_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "organizations" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint,
	"last_at" bigint,
	"last_arrival" bigint DEFAULT 0 NOT NULL,
	"kept_from" bigint,
	"epoch" integer DEFAULT 0 NOT NULL
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE TABLE "principals" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"id" text COLLATE "C" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint,
	"last_at" bigint,
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
CREATE TABLE "tokens" (
	"id" text COLLATE "C" PRIMARY KEY NOT NULL,
	"hash" "bytea" NOT NULL,
	"name" text,
	"created_at" bigint NOT NULL,
	"expires_at" bigint,
	"grants" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "user_agents" (
	"organization" uuid NOT NULL,
	"number" integer NOT NULL,
	"text" text COLLATE "C" NOT NULL,
	"hash" "bytea" NOT NULL,
	"events" bigint DEFAULT 0 NOT NULL,
	"first_at" bigint,
	"last_at" bigint,
	CONSTRAINT "user_agents_organization_number_pk" PRIMARY KEY("organization","number")
) WITH (fillfactor = 50);
--> statement-breakpoint
CREATE UNIQUE INDEX "addresses_by_text" ON "addresses" USING btree ("organization","text");--> statement-breakpoint
CREATE INDEX "addresses_by_address" ON "addresses" USING btree ("organization","address");--> statement-breakpoint
CREATE UNIQUE INDEX "event_ids_by_arrival" ON "event_ids" USING btree ("organization","arrival");--> statement-breakpoint
CREATE INDEX "events_by_kind" ON "events" USING btree ("organization","kind","created_at");--> statement-breakpoint
CREATE INDEX "events_by_principal" ON "events" USING btree ("organization","principal","created_at");--> statement-breakpoint
CREATE INDEX "events_by_user_agent" ON "events" USING btree ("organization","user_agent","created_at");--> statement-breakpoint
CREATE INDEX "events_by_address" ON "events" USING btree ("organization","address","created_at");--> statement-breakpoint
CREATE INDEX "events_by_resource" ON "events" USING btree ("organization","resource","created_at");--> statement-breakpoint
CREATE UNIQUE INDEX "kinds_by_words" ON "kinds" USING btree ("organization","action","category");--> statement-breakpoint
CREATE UNIQUE INDEX "principals_by_id" ON "principals" USING btree ("organization","id");--> statement-breakpoint
CREATE UNIQUE INDEX "tokens_by_hash" ON "tokens" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "user_agents_by_hash" ON "user_agents" USING btree ("organization","hash");