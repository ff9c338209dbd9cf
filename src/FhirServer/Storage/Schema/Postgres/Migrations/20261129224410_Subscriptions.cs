using Microsoft.EntityFrameworkCore.Migrations;

#nullable disable

namespace FhirEmr.FhirServer.Storage.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Subscriptions : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.CreateTable(
                name: "subscription",
                columns: table => new
                {
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    after = table.Column<long>(type: "bigint", nullable: false),
                    delivered = table.Column<long>(type: "bigint", nullable: false),
                    due = table.Column<long>(type: "bigint", nullable: false),
                    failing = table.Column<long>(type: "bigint", nullable: false),
                    leaseuntil = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    id = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    state = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    leaseowner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    owner = table.Column<string>(type: "text", nullable: false, collation: "C"),
                    fault = table.Column<string>(type: "text", nullable: false, collation: "C")
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscription", x => x.sid);
                });

            migrationBuilder.CreateTable(
                name: "subscriptionevent",
                columns: table => new
                {
                    subscription = table.Column<long>(type: "bigint", nullable: false),
                    number = table.Column<long>(type: "bigint", nullable: false),
                    sid = table.Column<long>(type: "bigint", nullable: false),
                    at = table.Column<long>(type: "bigint", nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_subscriptionevent", x => new { x.subscription, x.number });
                });

            migrationBuilder.CreateIndex(
                name: "IX_subscriptionevent_at",
                table: "subscriptionevent",
                column: "at");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "subscription");

            migrationBuilder.DropTable(
                name: "subscriptionevent");
        }
    }
}
