using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class Audit : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Audit",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Node = table.Column<int>(type: "int", nullable: false),
                    Body = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    Mac = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "AuditCheckpoint",
                columns: table => new
                {
                    Ordinal = table.Column<long>(type: "bigint", nullable: false),
                    Made = table.Column<long>(type: "bigint", nullable: false),
                    Total = table.Column<long>(type: "bigint", nullable: false),
                    Node = table.Column<int>(type: "int", nullable: false),
                    KeyName = table.Column<string>(type: "nvarchar(40)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Head = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    Signature = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditCheckpoint", x => new { x.Node, x.Ordinal });
                });

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

            migrationBuilder.CreateTable(
                name: "AuditNode",
                columns: table => new
                {
                    LeaseUntil = table.Column<long>(type: "bigint", nullable: false),
                    Node = table.Column<int>(type: "int", nullable: false),
                    LeaseOwner = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Name = table.Column<string>(type: "nvarchar(200)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditNode", x => x.Node);
                });

            migrationBuilder.CreateTable(
                name: "AuditSeal",
                columns: table => new
                {
                    Ordinal = table.Column<long>(type: "bigint", nullable: false),
                    Sealed = table.Column<long>(type: "bigint", nullable: false),
                    Floor = table.Column<long>(type: "bigint", nullable: false),
                    Node = table.Column<int>(type: "int", nullable: false),
                    Count = table.Column<int>(type: "int", nullable: false),
                    KeyName = table.Column<string>(type: "nvarchar(40)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Members = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    Head = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditSeal", x => new { x.Node, x.Ordinal });
                });

            migrationBuilder.Sql("ALTER TABLE [AuditKey] REBUILD WITH (DATA_COMPRESSION = PAGE);");
            foreach (var table in (string[])["Audit", "AuditKey", "AuditSeal", "AuditCheckpoint"])
                migrationBuilder.Sql($"CREATE TRIGGER [{table}_AddOnly] ON [{table}] INSTEAD OF UPDATE, DELETE AS THROW 50403, N'The audit is only ever added to.', 1;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Audit");

            migrationBuilder.DropTable(
                name: "AuditCheckpoint");

            migrationBuilder.DropTable(
                name: "AuditKey");

            migrationBuilder.DropTable(
                name: "AuditNode");

            migrationBuilder.DropTable(
                name: "AuditSeal");
        }
    }
}
