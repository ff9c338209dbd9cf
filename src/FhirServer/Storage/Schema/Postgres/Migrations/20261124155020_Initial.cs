using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "sidblock",
                startValue: 0L,
                minValue: 0L);

            migrationBuilder.CreateTable(
                name: "change",
                columns: table => new
                {
                    sequence = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_change", x => x.sequence);
                });

            migrationBuilder.CreateTable(
                name: "date",
                columns: table => new
                {
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    lo = table.Column<long>(type: "bigint", nullable: false),
                    hi = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    daylo = table.Column<int>(type: "integer", nullable: false),
                    dayhi = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_date", x => new { x.param, x.owner, x.lo, x.hi, x.sid, x.daylo, x.dayhi });
                });

            migrationBuilder.CreateTable(
                name: "number",
                columns: table => new
                {
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_number", x => new { x.param, x.value, x.owner, x.sid });
                });

            migrationBuilder.CreateTable(
                name: "parameter",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    type = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    code = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_parameter", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "quantity",
                columns: table => new
                {
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    unit = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_quantity", x => new { x.param, x.unit, x.value, x.owner, x.sid });
                });

            migrationBuilder.CreateTable(
                name: "reference",
                columns: table => new
                {
                    target = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_reference", x => new { x.param, x.target, x.sid, x.owner });
                });

            migrationBuilder.CreateTable(
                name: "resource",
                columns: table => new
                {
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    lastupdated = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<short>(type: "smallint", nullable: false),
                    deleted = table.Column<short>(type: "smallint", nullable: false),
                    method = table.Column<short>(type: "smallint", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_resource", x => x.sid);
                });

            migrationBuilder.CreateTable(
                name: "resourcehistory",
                columns: table => new
                {
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    lastupdated = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    type = table.Column<short>(type: "smallint", nullable: false),
                    deleted = table.Column<short>(type: "smallint", nullable: false),
                    method = table.Column<short>(type: "smallint", nullable: false),
                    body = table.Column<byte[]>(type: "bytea", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_resourcehistory", x => new { x.sid, x.version });
                });

            migrationBuilder.CreateTable(
                name: "setting",
                columns: table => new
                {
                    name = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    value = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_setting", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "shape",
                columns: table => new
                {
                    type = table.Column<short>(type: "smallint", nullable: false),
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    @params = table.Column<string>(name: "params", type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_shape", x => new { x.type, x.hash });
                });

            migrationBuilder.CreateTable(
                name: "string",
                columns: table => new
                {
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    folded = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    exact = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_string", x => new { x.param, x.folded, x.exact, x.owner, x.sid });
                });

            migrationBuilder.CreateTable(
                name: "symbol",
                columns: table => new
                {
                    number = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    text = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_symbol", x => x.number);
                });

            migrationBuilder.CreateTable(
                name: "token",
                columns: table => new
                {
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    system = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_token", x => new { x.param, x.hash, x.owner, x.sid, x.system });
                });

            migrationBuilder.CreateTable(
                name: "tokentext",
                columns: table => new
                {
                    hash = table.Column<long>(type: "bigint", nullable: false),
                    text = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_tokentext", x => x.hash);
                });

            migrationBuilder.CreateTable(
                name: "uri",
                columns: table => new
                {
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    owner = table.Column<long>(type: "bigint", nullable: false),
                    param = table.Column<int>(type: "integer", nullable: false),
                    value = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_uri", x => new { x.param, x.value, x.sid, x.owner });
                });

            migrationBuilder.CreateIndex(
                name: "IX_date_param_lo_hi_sid_daylo_dayhi_owner",
                table: "date",
                columns: new[] { "param", "lo", "hi", "sid", "daylo", "dayhi", "owner" });

            migrationBuilder.CreateIndex(
                name: "IX_parameter_type_code",
                table: "parameter",
                columns: new[] { "type", "code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_resource_type_id",
                table: "resource",
                columns: new[] { "type", "id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_resource_type_lastupdated_sid",
                table: "resource",
                columns: new[] { "type", "lastupdated", "sid" });

            migrationBuilder.CreateIndex(
                name: "IX_resource_type_sid",
                table: "resource",
                columns: new[] { "type", "sid" },
                filter: "deleted = 0");

            migrationBuilder.CreateIndex(
                name: "IX_resourcehistory_type_lastupdated_sid_version",
                table: "resourcehistory",
                columns: new[] { "type", "lastupdated", "sid", "version" });

            migrationBuilder.CreateIndex(
                name: "IX_symbol_text",
                table: "symbol",
                column: "text",
                unique: true);

            // Bodies are compressed already: do not let TOAST try again.
            migrationBuilder.Sql("ALTER TABLE resource ALTER COLUMN body SET STORAGE EXTERNAL;");
            migrationBuilder.Sql("ALTER TABLE resourcehistory ALTER COLUMN body SET STORAGE EXTERNAL;");

            // A value belongs to its parameter: taken as independent, every lookup is estimated at one row and joined row by row.
            migrationBuilder.Sql("CREATE STATISTICS tokenvalues (dependencies, ndistinct) ON param, hash, system FROM token;");
            migrationBuilder.Sql("CREATE STATISTICS referencevalues (dependencies, ndistinct) ON param, target, owner FROM reference;");
            migrationBuilder.Sql("CREATE STATISTICS datevalues (dependencies, ndistinct) ON param, owner FROM date;");
            migrationBuilder.Sql("CREATE STATISTICS stringvalues (dependencies, ndistinct) ON param, folded, owner FROM string;");
            migrationBuilder.Sql("CREATE STATISTICS urivalues (dependencies, ndistinct) ON param, value FROM uri;");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "change");

            migrationBuilder.DropTable(
                name: "date");

            migrationBuilder.DropTable(
                name: "number");

            migrationBuilder.DropTable(
                name: "parameter");

            migrationBuilder.DropTable(
                name: "quantity");

            migrationBuilder.DropTable(
                name: "reference");

            migrationBuilder.DropTable(
                name: "resource");

            migrationBuilder.DropTable(
                name: "resourcehistory");

            migrationBuilder.DropTable(
                name: "setting");

            migrationBuilder.DropTable(
                name: "shape");

            migrationBuilder.DropTable(
                name: "string");

            migrationBuilder.DropTable(
                name: "symbol");

            migrationBuilder.DropTable(
                name: "token");

            migrationBuilder.DropTable(
                name: "tokentext");

            migrationBuilder.DropTable(
                name: "uri");

            migrationBuilder.DropSequence(
                name: "sidblock");
        }
    }
}
