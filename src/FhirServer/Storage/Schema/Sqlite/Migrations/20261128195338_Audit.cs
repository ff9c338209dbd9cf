using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Sqlite.Migrations
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
                    Number = table.Column<long>(type: "INTEGER", nullable: false),
                    Node = table.Column<int>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Mac = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Audit", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "AuditCheckpoint",
                columns: table => new
                {
                    Ordinal = table.Column<long>(type: "INTEGER", nullable: false),
                    Made = table.Column<long>(type: "INTEGER", nullable: false),
                    Total = table.Column<long>(type: "INTEGER", nullable: false),
                    Node = table.Column<int>(type: "INTEGER", nullable: false),
                    KeyName = table.Column<string>(type: "TEXT", nullable: false),
                    Head = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Signature = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditCheckpoint", x => new { x.Node, x.Ordinal });
                });

            migrationBuilder.Sql("""
                CREATE TABLE "AuditKey" ("Value" INTEGER NOT NULL, "Number" INTEGER NOT NULL, "Kind" INTEGER NOT NULL, PRIMARY KEY (Kind, Value, Number)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "AuditNode",
                columns: table => new
                {
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: false),
                    Node = table.Column<int>(type: "INTEGER", nullable: false),
                    LeaseOwner = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditNode", x => x.Node);
                });

            migrationBuilder.CreateTable(
                name: "AuditSeal",
                columns: table => new
                {
                    Ordinal = table.Column<long>(type: "INTEGER", nullable: false),
                    Sealed = table.Column<long>(type: "INTEGER", nullable: false),
                    Floor = table.Column<long>(type: "INTEGER", nullable: false),
                    Node = table.Column<int>(type: "INTEGER", nullable: false),
                    Count = table.Column<int>(type: "INTEGER", nullable: false),
                    KeyName = table.Column<string>(type: "TEXT", nullable: false),
                    Members = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Head = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_AuditSeal", x => new { x.Node, x.Ordinal });
                });

            foreach (var table in (string[])["Audit", "AuditKey", "AuditSeal", "AuditCheckpoint"])
                foreach (var change in (string[])["Update", "Delete"])
                    migrationBuilder.Sql(
                        $"CREATE TRIGGER {table}_No{change} BEFORE {change.ToUpperInvariant()} ON \"{table}\" BEGIN SELECT RAISE(ABORT, 'The audit is only ever added to.'); END;");
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
