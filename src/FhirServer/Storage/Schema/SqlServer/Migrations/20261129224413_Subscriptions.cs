using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.SqlServer.Migrations
{
    /// <inheritdoc />
    public partial class Subscriptions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "Subscription",
                columns: table => new
                {
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    After = table.Column<long>(type: "bigint", nullable: false),
                    Delivered = table.Column<long>(type: "bigint", nullable: false),
                    Due = table.Column<long>(type: "bigint", nullable: false),
                    Failing = table.Column<long>(type: "bigint", nullable: false),
                    LeaseUntil = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false),
                    Failures = table.Column<int>(type: "int", nullable: false),
                    Id = table.Column<string>(type: "nvarchar(64)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    State = table.Column<string>(type: "nvarchar(20)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    LeaseOwner = table.Column<string>(type: "nvarchar(100)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Owner = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2"),
                    Fault = table.Column<string>(type: "nvarchar(max)", nullable: false, collation: "Latin1_General_100_BIN2")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_Subscription", x => x.Sid);
                });

            migrationBuilder.CreateTable(
                name: "SubscriptionEvent",
                columns: table => new
                {
                    Subscription = table.Column<long>(type: "bigint", nullable: false),
                    Number = table.Column<long>(type: "bigint", nullable: false),
                    Sid = table.Column<long>(type: "bigint", nullable: false),
                    At = table.Column<long>(type: "bigint", nullable: false),
                    Version = table.Column<int>(type: "int", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_SubscriptionEvent", x => new { x.Subscription, x.Number });
                });

            migrationBuilder.CreateIndex(
                name: "IX_SubscriptionEvent_At",
                table: "SubscriptionEvent",
                column: "At");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "Subscription");

            migrationBuilder.DropTable(
                name: "SubscriptionEvent");
        }
    }
}
