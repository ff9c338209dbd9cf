using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class AuditPostings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // What it held is filed again from the rows themselves, by the server.
            migrationBuilder.DropTable(
                name: "auditkey");

            migrationBuilder.CreateTable(
                name: "auditposting",
                columns: table => new
                {
                    term = table.Column<long>(type: "bigint", nullable: false),
                    last = table.Column<long>(type: "bigint", nullable: false),
                    positions = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditposting", x => new { x.term, x.last });
                });

            migrationBuilder.CreateTable(
                name: "auditsegment",
                columns: table => new
                {
                    last = table.Column<long>(type: "bigint", nullable: false),
                    first = table.Column<long>(type: "bigint", nullable: false),
                    after = table.Column<long>(type: "bigint", nullable: false),
                    through = table.Column<long>(type: "bigint", nullable: false),
                    node = table.Column<int>(type: "integer", nullable: false),
                    count = table.Column<int>(type: "integer", nullable: false),
                    postings = table.Column<int>(type: "integer", nullable: false),
                    keyname = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    mac = table.Column<byte[]>(type: "bytea", nullable: false),
                    map = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_auditsegment", x => x.last);
                });

            migrationBuilder.CreateIndex(
                name: "IX_auditsegment_node_through",
                table: "auditsegment",
                columns: ["node", "through"]);

            foreach (var table in (string[])["auditposting", "auditsegment"])
                migrationBuilder.Sql($"CREATE TRIGGER {table}_addonly BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION auditaddonly();");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "auditposting");

            migrationBuilder.DropTable(
                name: "auditsegment");

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
        }
    }
}
