using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "audit",
                columns: table => new
                {
                    number = table.Column<long>(type: "bigint", nullable: false),
                    node = table.Column<int>(type: "integer", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false),
                    mac = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_audit", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "auditcheckpoint",
                columns: table => new
                {
                    ordinal = table.Column<long>(type: "bigint", nullable: false),
                    made = table.Column<long>(type: "bigint", nullable: false),
                    total = table.Column<long>(type: "bigint", nullable: false),
                    node = table.Column<int>(type: "integer", nullable: false),
                    keyname = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    head = table.Column<byte[]>(type: "bytea", nullable: false),
                    signature = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditcheckpoint", x => new { x.node, x.ordinal });
                });

            migrationBuilder.CreateTable(
                name: "auditkey",
                columns: table => new
                {
                    value = table.Column<long>(type: "bigint", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    kind = table.Column<short>(type: "smallint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditkey", x => new { x.kind, x.value, x.number });
                });

            migrationBuilder.CreateTable(
                name: "auditnode",
                columns: table => new
                {
                    leaseuntil = table.Column<long>(type: "bigint", nullable: false),
                    node = table.Column<int>(type: "integer", nullable: false),
                    leaseowner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditnode", x => x.node);
                });

            migrationBuilder.CreateTable(
                name: "auditseal",
                columns: table => new
                {
                    ordinal = table.Column<long>(type: "bigint", nullable: false),
                    @sealed = table.Column<long>(name: "sealed", type: "bigint", nullable: false),
                    floor = table.Column<long>(type: "bigint", nullable: false),
                    node = table.Column<int>(type: "integer", nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    keyname = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    members = table.Column<byte[]>(type: "bytea", nullable: false),
                    head = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditseal", x => new { x.node, x.ordinal });
                });

            migrationBuilder.Sql("""
                CREATE FUNCTION auditaddonly() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    RAISE EXCEPTION 'The audit is only ever added to.' USING ERRCODE = 'insufficient_privilege';
                END $$;
                """);
            foreach (var table in (string[])["audit", "auditkey", "auditseal", "auditcheckpoint"])
                migrationBuilder.Sql($"CREATE TRIGGER {table}_addonly BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION auditaddonly();");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "audit");

            migrationBuilder.DropTable(
                name: "auditcheckpoint");

            migrationBuilder.DropTable(
                name: "auditkey");

            migrationBuilder.DropTable(
                name: "auditnode");

            migrationBuilder.DropTable(
                name: "auditseal");

            migrationBuilder.Sql("DROP FUNCTION auditaddonly();");
        }
    }
}
