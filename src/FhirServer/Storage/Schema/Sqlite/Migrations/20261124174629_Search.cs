using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Search : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "BinaryHead",
                columns: table => new
                {
                    Content = table.Column<long>(type: "INTEGER", nullable: false),
                    Size = table.Column<long>(type: "INTEGER", nullable: false),
                    Created = table.Column<long>(type: "INTEGER", nullable: false),
                    State = table.Column<short>(type: "INTEGER", nullable: false),
                    Digest = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BinaryHead", x => x.Content);
                });

            migrationBuilder.CreateTable(
                name: "BinaryPiece",
                columns: table => new
                {
                    Content = table.Column<long>(type: "INTEGER", nullable: false),
                    Ordinal = table.Column<int>(type: "INTEGER", nullable: false),
                    Data = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BinaryPiece", x => new { x.Content, x.Ordinal });
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Composite" ("Hash" INTEGER NOT NULL, "Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "System" INTEGER NOT NULL, "Unit" INTEGER NOT NULL, "Value" TEXT NOT NULL, PRIMARY KEY (Param, Hash, Unit, Value, Owner, Sid, System)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "Idempotency",
                columns: table => new
                {
                    Created = table.Column<long>(type: "INTEGER", nullable: false),
                    Status = table.Column<int>(type: "INTEGER", nullable: false),
                    Client = table.Column<string>(type: "TEXT", nullable: false),
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Digest = table.Column<string>(type: "TEXT", nullable: false),
                    Answer = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Idempotency", x => new { x.Client, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "Job",
                columns: table => new
                {
                    Created = table.Column<long>(type: "INTEGER", nullable: false),
                    Updated = table.Column<long>(type: "INTEGER", nullable: false),
                    LeaseUntil = table.Column<long>(type: "INTEGER", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Kind = table.Column<string>(type: "TEXT", nullable: false),
                    State = table.Column<string>(type: "TEXT", nullable: false),
                    Client = table.Column<string>(type: "TEXT", nullable: false),
                    LeaseOwner = table.Column<string>(type: "TEXT", nullable: false),
                    Progress = table.Column<string>(type: "TEXT", nullable: false),
                    Request = table.Column<byte[]>(type: "BLOB", nullable: false),
                    Answer = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Job", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Purged",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "INTEGER", nullable: false),
                    At = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Type = table.Column<short>(type: "INTEGER", nullable: false),
                    Digest = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Purged", x => x.Sid);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "TokenDisplay" ("Hash" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "System" INTEGER NOT NULL, "Folded" TEXT NOT NULL, PRIMARY KEY (Param, Folded, Hash, System)) WITHOUT ROWID;
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "Word" ("Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "Word" TEXT NOT NULL, PRIMARY KEY (Param, Word, Owner, Sid)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateIndex(
                name: "IX_Idempotency_Created",
                table: "Idempotency",
                column: "Created");

            migrationBuilder.CreateIndex(
                name: "IX_Job_Kind_State",
                table: "Job",
                columns: new[] { "Kind", "State" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "BinaryHead");

            migrationBuilder.DropTable(
                name: "BinaryPiece");

            migrationBuilder.DropTable(
                name: "Composite");

            migrationBuilder.DropTable(
                name: "Idempotency");

            migrationBuilder.DropTable(
                name: "Job");

            migrationBuilder.DropTable(
                name: "Purged");

            migrationBuilder.DropTable(
                name: "TokenDisplay");

            migrationBuilder.DropTable(
                name: "Word");
        }
    }
}
