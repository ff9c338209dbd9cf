using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateSequence(
                name: "SidBlock",
                startValue: 0L);

            migrationBuilder.CreateTable(
                name: "Change",
                columns: table => new
                {
                    Number = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    Stamp = table.Column<byte[]>(type: "rowversion", rowVersion: true, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Change", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "Date",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Lo = table.Column<long>(type: "bigint", nullable: false),
                    Hi = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    DayLo = table.Column<int>(type: "int", nullable: false),
                    DayHi = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Date", x => new { x.Param, x.Owner, x.Lo, x.Hi, x.Sid, x.DayLo, x.DayHi });
                });

            migrationBuilder.CreateTable(
                name: "Number",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    Value = table.Column<string>(type: "nvarchar(44)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Number", x => new { x.Param, x.Value, x.Owner, x.Sid });
                });

            migrationBuilder.CreateTable(
                name: "Parameter",
                columns: table => new
                {
                    Number = table.Column<int>(type: "int", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Type = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Code = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Parameter", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "Quantity",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    Unit = table.Column<int>(type: "int", nullable: false),
                    Value = table.Column<string>(type: "nvarchar(44)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Quantity", x => new { x.Param, x.Unit, x.Value, x.Owner, x.Sid });
                });

            migrationBuilder.CreateTable(
                name: "Reference",
                columns: table => new
                {
                    Target = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Reference", x => new { x.Param, x.Target, x.Sid, x.Owner });
                });

            migrationBuilder.CreateTable(
                name: "Resource",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    LastUpdated = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    Type = table.Column<short>(type: "smallint", nullable: false),
                    Deleted = table.Column<short>(type: "smallint", nullable: false),
                    Method = table.Column<short>(type: "smallint", nullable: false),
                    Id = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Body = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Resource", x => x.Sid);
                });

            migrationBuilder.CreateTable(
                name: "ResourceHistory",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    LastUpdated = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    Type = table.Column<short>(type: "smallint", nullable: false),
                    Deleted = table.Column<short>(type: "smallint", nullable: false),
                    Method = table.Column<short>(type: "smallint", nullable: false),
                    Body = table.Column<byte[]>(type: "varbinary(max)", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ResourceHistory", x => new { x.Sid, x.Version });
                });

            migrationBuilder.CreateTable(
                name: "Setting",
                columns: table => new
                {
                    Name = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Value = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Setting", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "Shape",
                columns: table => new
                {
                    Type = table.Column<short>(type: "smallint", nullable: false),
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    Params = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Shape", x => new { x.Type, x.Hash });
                });

            migrationBuilder.CreateTable(
                name: "String",
                columns: table => new
                {
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    Folded = table.Column<string>(type: "nvarchar(200)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Exact = table.Column<string>(type: "nvarchar(200)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_String", x => new { x.Param, x.Folded, x.Exact, x.Owner, x.Sid });
                });

            migrationBuilder.CreateTable(
                name: "Symbol",
                columns: table => new
                {
                    Number = table.Column<int>(type: "int", nullable: false)
                        .Annotation("SqlServer:Identity", "1, 1"),
                    Text = table.Column<string>(type: "nvarchar(800)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Symbol", x => x.Number);
                });

            migrationBuilder.CreateTable(
                name: "Token",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    System = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Token", x => new { x.Param, x.Hash, x.Owner, x.Sid, x.System });
                });

            migrationBuilder.CreateTable(
                name: "TokenText",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "bigint", nullable: false),
                    Text = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenText", x => x.Hash);
                });

            migrationBuilder.CreateTable(
                name: "Uri",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    Owner = table.Column<long>(type: "bigint", nullable: false),
                    Param = table.Column<int>(type: "int", nullable: false),
                    Value = table.Column<string>(type: "nvarchar(420)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Uri", x => new { x.Param, x.Value, x.Sid, x.Owner });
                });

            migrationBuilder.CreateIndex(
                name: "IX_Change_Stamp",
                table: "Change",
                column: "Stamp",
                unique: true,
                filter: "[Stamp] IS NOT NULL");

            migrationBuilder.CreateIndex(
                name: "IX_Date_Param_Lo_Hi_Sid_DayLo_DayHi_Owner",
                table: "Date",
                columns: new[] { "Param", "Lo", "Hi", "Sid", "DayLo", "DayHi", "Owner" });

            migrationBuilder.CreateIndex(
                name: "IX_Parameter_Type_Code",
                table: "Parameter",
                columns: new[] { "Type", "Code" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Resource_Type_Id",
                table: "Resource",
                columns: new[] { "Type", "Id" },
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_Resource_Type_LastUpdated_Sid",
                table: "Resource",
                columns: new[] { "Type", "LastUpdated", "Sid" });

            migrationBuilder.CreateIndex(
                name: "IX_Resource_Type_Sid",
                table: "Resource",
                columns: new[] { "Type", "Sid" },
                filter: "Deleted = 0");

            migrationBuilder.CreateIndex(
                name: "IX_ResourceHistory_Type_LastUpdated_Sid_Version",
                table: "ResourceHistory",
                columns: new[] { "Type", "LastUpdated", "Sid", "Version" });

            migrationBuilder.CreateIndex(
                name: "IX_Symbol_Text",
                table: "Symbol",
                column: "Text",
                unique: true);

            // Index rows repeat their leading columns: page compression keeps them near what a clustered key costs elsewhere.
            foreach (var table in (string[])["Token", "Reference", "Date", "String", "Number", "Quantity", "Uri"])
                migrationBuilder.Sql($"ALTER TABLE [{table}] REBUILD WITH (DATA_COMPRESSION = PAGE);");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Change");

            migrationBuilder.DropTable(
                name: "Date");

            migrationBuilder.DropTable(
                name: "Number");

            migrationBuilder.DropTable(
                name: "Parameter");

            migrationBuilder.DropTable(
                name: "Quantity");

            migrationBuilder.DropTable(
                name: "Reference");

            migrationBuilder.DropTable(
                name: "Resource");

            migrationBuilder.DropTable(
                name: "ResourceHistory");

            migrationBuilder.DropTable(
                name: "Setting");

            migrationBuilder.DropTable(
                name: "Shape");

            migrationBuilder.DropTable(
                name: "String");

            migrationBuilder.DropTable(
                name: "Symbol");

            migrationBuilder.DropTable(
                name: "Token");

            migrationBuilder.DropTable(
                name: "TokenText");

            migrationBuilder.DropTable(
                name: "Uri");

            migrationBuilder.DropSequence(
                name: "SidBlock");
        }
    }
}
