using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer.Migrations
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
                    Content = table.Column<long>(type: "bigint", nullable: false),
                    Size = table.Column<long>(type: "bigint", nullable: false),
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    State = table.Column<short>(type: "smallint", nullable: false),
                    Digest = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BinaryHead", x => x.Content);
                });

            migrationBuilder.CreateTable(
                name: "BinaryPiece",
                columns: table => new
                {
                    Content = table.Column<long>(type: "bigint", nullable: false),
                    Ordinal = table.Column<int>(type: "int", nullable: false),
                    Data = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_BinaryPiece", x => new { x.Content, x.Ordinal });
                });

            migrationBuilder.CreateTable(
                name: "Composite",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    System = table.Column<int>(type: "int", nullable: false),
                    Unit = table.Column<int>(type: "int", nullable: false),
                    Value = table.Column<string>(type: "nvarchar(44)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Composite", x => new { x.Param, x.Hash, x.Unit, x.Value, x.Owner, x.Sid, x.System });
                });

            migrationBuilder.CreateTable(
                name: "Idempotency",
                columns: table => new
                {
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    Status = table.Column<int>(type: "int", nullable: false),
                    Client = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Name = table.Column<string>(type: "nvarchar(200)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Digest = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Answer = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Idempotency", x => new { x.Client, x.Name });
                });

            migrationBuilder.CreateTable(
                name: "Job",
                columns: table => new
                {
                    Created = table.Column<long>(type: "bigint", nullable: false),
                    Updated = table.Column<long>(type: "bigint", nullable: false),
                    LeaseUntil = table.Column<long>(type: "bigint", nullable: false),
                    Id = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Kind = table.Column<string>(type: "nvarchar(40)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    State = table.Column<string>(type: "nvarchar(20)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Client = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    LeaseOwner = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Progress = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Request = table.Column<byte[]>(type: "varbinary(max)", nullable: false),
                    Answer = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Job", x => x.Id);
                });

            migrationBuilder.CreateTable(
                name: "Purged",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    Type = table.Column<short>(type: "smallint", nullable: false),
                    Digest = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Purged", x => x.Sid);
                });

            migrationBuilder.CreateTable(
                name: "TokenDisplay",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    System = table.Column<int>(type: "int", nullable: false),
                    Folded = table.Column<string>(type: "nvarchar(200)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenDisplay", x => new { x.Param, x.Folded, x.Hash, x.System });
                });

            migrationBuilder.CreateTable(
                name: "Word",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    Word = table.Column<string>(type: "nvarchar(60)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Word", x => new { x.Param, x.Word, x.Owner, x.Sid });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Idempotency_Created",
                table: "Idempotency",
                column: "Created");

            migrationBuilder.CreateIndex(
                name: "IX_Job_Kind_State",
                table: "Job",
                columns: new[] { "Kind", "State" });

            // Index rows repeat their leading columns: page compression keeps them near what a clustered key costs elsewhere.
            foreach (var table in (string[])["Composite", "Word"])
                migrationBuilder.Sql($"ALTER TABLE [{table}] REBUILD WITH (DATA_COMPRESSION = PAGE);");
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
