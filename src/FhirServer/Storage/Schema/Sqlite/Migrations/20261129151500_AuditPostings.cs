using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class AuditPostings : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            // What it held is filed again from the rows themselves, by the server.
            migrationBuilder.DropTable(
                name: "AuditKey");

            migrationBuilder.Sql("""
                CREATE TABLE "AuditPosting" ("Term" INTEGER NOT NULL, "Last" INTEGER NOT NULL, "Positions" BLOB NOT NULL, PRIMARY KEY (Term, Last)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "AuditSegment",
                columns: table => new
                {
                    Last = table.Column<long>(type: "INTEGER", nullable: false),
                    First = table.Column<long>(type: "INTEGER", nullable: false),
                    After = table.Column<long>(type: "INTEGER", nullable: false),
                    Through = table.Column<long>(type: "INTEGER", nullable: false),
                    Node = table.Column<int>(type: "INTEGER", nullable: false),
                    Count = table.Column<int>(type: "INTEGER", nullable: false),
                    Postings = table.Column<int>(type: "INTEGER", nullable: false),
                    KeyName = table.Column<string>(type: "TEXT", nullable: false),
                    Mac = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Map = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditSegment", x => x.Last);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AuditSegment_Node_Through",
                table: "AuditSegment",
                columns: ["Node", "Through"]);

            foreach (var table in (string[])["AuditPosting", "AuditSegment"])
                foreach (var change in (string[])["Update", "Delete"])
                    migrationBuilder.Sql(
                        $"CREATE TRIGGER {table}_No{change} BEFORE {change.ToUpperInvariant()} ON \"{table}\" BEGIN SELECT RAISE(ABORT, 'The audit is only ever added to.'); END;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AuditPosting");

            migrationBuilder.DropTable(
                name: "AuditSegment");

            migrationBuilder.Sql("""
                CREATE TABLE "AuditKey" ("Value" INTEGER NOT NULL, "Number" INTEGER NOT NULL, "Kind" INTEGER NOT NULL, PRIMARY KEY (Kind, Value, Number)) WITHOUT ROWID;
                """);
        }
    }
}
