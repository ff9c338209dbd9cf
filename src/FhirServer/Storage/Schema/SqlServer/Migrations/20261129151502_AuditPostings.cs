using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer.Migrations
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

            migrationBuilder.CreateTable(
                name: "AuditPosting",
                columns: table => new
                {
                    Term = table.Column<long>(type: "bigint", nullable: false),
                    Last = table.Column<long>(type: "bigint", nullable: false),
                    Positions = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditPosting", x => new { x.Term, x.Last });
                });

            migrationBuilder.CreateTable(
                name: "AuditSegment",
                columns: table => new
                {
                    Last = table.Column<long>(type: "bigint", nullable: false),
                    First = table.Column<long>(type: "bigint", nullable: false),
                    After = table.Column<long>(type: "bigint", nullable: false),
                    Through = table.Column<long>(type: "bigint", nullable: false),
                    Node = table.Column<int>(type: "int", nullable: false),
                    Count = table.Column<int>(type: "int", nullable: false),
                    Postings = table.Column<int>(type: "int", nullable: false),
                    KeyName = table.Column<string>(type: "nvarchar(40)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Mac = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    Map = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditSegment", x => x.Last);
                });

            migrationBuilder.CreateIndex(
                name: "IX_AuditSegment_Node_Through",
                table: "AuditSegment",
                columns: ["Node", "Through"]);

            migrationBuilder.Sql("ALTER TABLE [AuditPosting] REBUILD WITH (DATA_COMPRESSION = PAGE);");
            foreach (var table in (string[])["AuditPosting", "AuditSegment"])
                migrationBuilder.Sql($"CREATE TRIGGER [{table}_AddOnly] ON [{table}] INSTEAD OF UPDATE, DELETE AS THROW 50403, N'The audit is only ever added to.', 1;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "AuditPosting");

            migrationBuilder.DropTable(
                name: "AuditSegment");

            migrationBuilder.CreateTable(
                name: "AuditKey",
                columns: table => new
                {
                    Value = table.Column<long>(type: "bigint", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Kind = table.Column<short>(type: "smallint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditKey", x => new { x.Kind, x.Value, x.Number });
                });
        }
    }
}
