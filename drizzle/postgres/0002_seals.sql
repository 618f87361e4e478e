CREATE TABLE "seals" (
	"organization" uuid NOT NULL,
	"arrival" bigint NOT NULL,
	"events" bigint NOT NULL,
	"recorded_at" bigint NOT NULL,
	"parts" "bytea" NOT NULL,
	"head" "bytea" NOT NULL,
	CONSTRAINT "seals_organization_arrival_pk" PRIMARY KEY("organization","arrival")
);
