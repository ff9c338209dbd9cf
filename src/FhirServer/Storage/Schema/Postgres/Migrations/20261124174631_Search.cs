using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Search : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "binaryhead",
                columns: table => new
                {
                    content = table.Column<long>(type: "bigint", nullable: false),
                    size = table.Column<long>(type: "bigint", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    state = table.Column<short>(type: "smallint", nullable: false),
                    digest = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_binaryhead", x => x.content);
                });

            migrationBuilder.CreateTable(
                name: "binarypiece",
                columns: table => new
                {
                    content = table.Column<long>(type: "bigint", nullable: false),
                    ordinal = table.Column<int>(type: "integer", nullable: false),
                    data = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_binarypiece", x => new { x.content, x.ordinal });
                });

            migrationBuilder.CreateTable(
                name: "composite",
                columns: table => new
                {
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    system = table.Column<int>(type: "integer", nullable: false),
                    unit = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_composite", x => new { x.param, x.hash, x.unit, x.value, x.owner, x.sid, x.system });
                });

            migrationBuilder.CreateTable(
                name: "idempotency",
                columns: table => new
                {
                    created = table.Column<long>(type: "bigint", nullable: false),
                    status = table.Column<int>(type: "integer", nullable: false),
                    client = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    digest = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_idempotency", x => new { x.client, x.name });
                });

            migrationBuilder.CreateTable(
                name: "job",
                columns: table => new
                {
                    created = table.Column<long>(type: "bigint", nullable: false),
                    updated = table.Column<long>(type: "bigint", nullable: false),
                    leaseuntil = table.Column<long>(type: "bigint", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    kind = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    state = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    client = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    leaseowner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    progress = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    request = table.Column<byte[]>(type: "bytea", nullable: false),
                    answer = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_job", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "purged",
                columns: table => new
                {
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<short>(type: "smallint", nullable: false),
                    digest = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_purged", x => x.sid);
                });

            migrationBuilder.CreateTable(
                name: "tokendisplay",
                columns: table => new
                {
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    system = table.Column<int>(type: "integer", nullable: false),
                    folded = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tokendisplay", x => new { x.param, x.folded, x.hash, x.system });
                });

            migrationBuilder.CreateTable(
                name: "word",
                columns: table => new
                {
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    word = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_word", x => new { x.param, x.word, x.owner, x.sid });
                });

            migrationBuilder.CreateIndex(
                name: "IX_idempotency_created",
                table: "idempotency",
                column: "created");

            migrationBuilder.CreateIndex(
                name: "IX_job_kind_state",
                table: "job",
                columns: new[] { "kind", "state" });
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "binaryhead");

            migrationBuilder.DropTable(
                name: "binarypiece");

            migrationBuilder.DropTable(
                name: "composite");

            migrationBuilder.DropTable(
                name: "idempotency");

            migrationBuilder.DropTable(
                name: "job");

            migrationBuilder.DropTable(
                name: "purged");

            migrationBuilder.DropTable(
                name: "tokendisplay");

            migrationBuilder.DropTable(
                name: "word");
        }
    }
}
