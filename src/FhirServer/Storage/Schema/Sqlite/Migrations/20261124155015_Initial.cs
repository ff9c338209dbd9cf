using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Sqlite.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Change",
                columns: table => new
                {
                    Sequence = table.Column<long>(type: "INTEGER", nullable: false)
                        .Annotation("Sqlite:Autoincrement", true),
                    Sid = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Change", x => x.Sequence);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Date" ("Owner" INTEGER NOT NULL, "Lo" INTEGER NOT NULL, "Hi" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "DayLo" INTEGER NOT NULL, "DayHi" INTEGER NOT NULL, PRIMARY KEY (Param, Owner, Lo, Hi, Sid, DayLo, DayHi)) WITHOUT ROWID;
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "Number" ("Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "Value" TEXT NOT NULL, PRIMARY KEY (Param, Value, Owner, Sid)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "Parameter",
                columns: table => new
                {
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Type = table.Column<string>(type: "TEXT", nullable: false),
                    Code = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Parameter", x => x.Number);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Quantity" ("Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "Unit" INTEGER NOT NULL, "Value" TEXT NOT NULL, PRIMARY KEY (Param, Unit, Value, Owner, Sid)) WITHOUT ROWID;
                """);

            migrationBuilder.Sql("""
                CREATE TABLE "Reference" ("Target" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Owner" INTEGER NOT NULL, "Param" INTEGER NOT NULL, PRIMARY KEY (Param, Target, Sid, Owner)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "Resource",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "INTEGER", nullable: false),
                    LastUpdated = table.Column<long>(type: "INTEGER", nullable: false),
                    Owner = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Type = table.Column<short>(type: "INTEGER", nullable: false),
                    Deleted = table.Column<short>(type: "INTEGER", nullable: false),
                    Method = table.Column<short>(type: "INTEGER", nullable: false),
                    Id = table.Column<string>(type: "TEXT", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Resource", x => x.Sid);
                });

            migrationBuilder.CreateTable(
                name: "ResourceHistory",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "INTEGER", nullable: false),
                    LastUpdated = table.Column<long>(type: "INTEGER", nullable: false),
                    Version = table.Column<int>(type: "INTEGER", nullable: false),
                    Type = table.Column<short>(type: "INTEGER", nullable: false),
                    Deleted = table.Column<short>(type: "INTEGER", nullable: false),
                    Method = table.Column<short>(type: "INTEGER", nullable: false),
                    Body = table.Column<byte[]>(type: "BLOB", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_ResourceHistory", x => new { x.Sid, x.Version });
                });

            migrationBuilder.CreateTable(
                name: "Setting",
                columns: table => new
                {
                    Name = table.Column<string>(type: "TEXT", nullable: false),
                    Value = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Setting", x => x.Name);
                });

            migrationBuilder.CreateTable(
                name: "Shape",
                columns: table => new
                {
                    Type = table.Column<short>(type: "INTEGER", nullable: false),
                    Hash = table.Column<long>(type: "INTEGER", nullable: false),
                    Params = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Shape", x => new { x.Type, x.Hash });
                });

            migrationBuilder.Sql("""
                CREATE TABLE "String" ("Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "Folded" TEXT NOT NULL, "Exact" TEXT NOT NULL, PRIMARY KEY (Param, Folded, Exact, Owner, Sid)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "Symbol",
                columns: table => new
                {
                    Number = table.Column<int>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Symbol", x => x.Number);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Token" ("Hash" INTEGER NOT NULL, "Owner" INTEGER NOT NULL, "Sid" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "System" INTEGER NOT NULL, PRIMARY KEY (Param, Hash, Owner, Sid, System)) WITHOUT ROWID;
                """);

            migrationBuilder.CreateTable(
                name: "TokenText",
                columns: table => new
                {
                    Hash = table.Column<long>(type: "INTEGER", nullable: false),
                    Text = table.Column<string>(type: "TEXT", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_TokenText", x => x.Hash);
                });

            migrationBuilder.Sql("""
                CREATE TABLE "Uri" ("Sid" INTEGER NOT NULL, "Owner" INTEGER NOT NULL, "Param" INTEGER NOT NULL, "Value" TEXT NOT NULL, PRIMARY KEY (Param, Value, Sid, Owner)) WITHOUT ROWID;
                """);

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
        }
    }
}
