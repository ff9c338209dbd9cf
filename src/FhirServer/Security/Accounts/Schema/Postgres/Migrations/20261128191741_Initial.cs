using System;
using Microsoft.EntityFrameworkCore.Migrations;
using Npgsql.EntityFrameworkCore.PostgreSQL.Metadata;

#nullable disable

namespace FhirEmr.FhirServer.Security.Accounts.Schema.Postgres.Migrations
{
    /// <inheritdoc />
    public partial class Initial : Migration
    {
        /// <inheritdoc />
        protected override void Up(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.EnsureSchema(
                name: "accounts");

            migrationBuilder.CreateTable(
                name: "account",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    displayname = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    fhiruser = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: true),
                    isdisabled = table.Column<bool>(type: "boolean", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    lastsignin = table.Column<long>(type: "bigint", nullable: true),
                    authenticatorseed = table.Column<byte[]>(type: "bytea", nullable: true),
                    authenticatorstep = table.Column<long>(type: "bigint", nullable: false),
                    username = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalizedusername = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    email = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    normalizedemail = table.Column<string>(type: "character varying(256)", maxLength: 256, nullable: true),
                    emailconfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    passwordhash = table.Column<string>(type: "text", nullable: true),
                    securitystamp = table.Column<string>(type: "text", nullable: true),
                    concurrencystamp = table.Column<string>(type: "text", nullable: true),
                    phonenumber = table.Column<string>(type: "text", nullable: true),
                    phonenumberconfirmed = table.Column<bool>(type: "boolean", nullable: false),
                    twofactorenabled = table.Column<bool>(type: "boolean", nullable: false),
                    lockoutend = table.Column<long>(type: "bigint", nullable: true),
                    lockoutenabled = table.Column<bool>(type: "boolean", nullable: false),
                    accessfailedcount = table.Column<int>(type: "integer", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_account", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "breakglassgrant",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    patientid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    reason = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: false),
                    purpose = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    from = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: false),
                    reviewedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    reviewedat = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_breakglassgrant", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "clientprofile",
                schema: "accounts",
                columns: table => new
                {
                    clientid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    kind = table.Column<int>(type: "integer", nullable: false),
                    isdisabled = table.Column<bool>(type: "boolean", nullable: false),
                    launchkinds = table.Column<string>(type: "text", nullable: false),
                    allowedscopes = table.Column<string>(type: "text", nullable: false),
                    fhiruser = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: true),
                    owner = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    jwksuri = table.Column<string>(type: "character varying(2000)", maxLength: 2000, nullable: true),
                    jwks = table.Column<string>(type: "text", nullable: true),
                    allowednetworks = table.Column<string>(type: "text", nullable: false),
                    allowedorigins = table.Column<string>(type: "text", nullable: false),
                    changedat = table.Column<long>(type: "bigint", nullable: false),
                    changedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_clientprofile", x => x.clientid);
                });

            migrationBuilder.CreateTable(
                name: "launchcontext",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    clientid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    patient = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    encounter = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: true),
                    intent = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    fhircontext = table.Column<string>(type: "text", nullable: true),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    used = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_launchcontext", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "openiddictapplications",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    applicationtype = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    clientid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    clientsecret = table.Column<string>(type: "text", nullable: true),
                    clienttype = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    concurrencytoken = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    consenttype = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    displayname = table.Column<string>(type: "text", nullable: true),
                    displaynames = table.Column<string>(type: "text", nullable: true),
                    jsonwebkeyset = table.Column<string>(type: "text", nullable: true),
                    permissions = table.Column<string>(type: "text", nullable: true),
                    postlogoutredirecturis = table.Column<string>(type: "text", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    redirecturis = table.Column<string>(type: "text", nullable: true),
                    requirements = table.Column<string>(type: "text", nullable: true),
                    settings = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_openiddictapplications", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "openiddictscopes",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    concurrencytoken = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    description = table.Column<string>(type: "text", nullable: true),
                    descriptions = table.Column<string>(type: "text", nullable: true),
                    displayname = table.Column<string>(type: "text", nullable: true),
                    displaynames = table.Column<string>(type: "text", nullable: true),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    resources = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_openiddictscopes", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "role",
                schema: "accounts",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    isbuiltin = table.Column<bool>(type: "boolean", nullable: false),
                    permissions = table.Column<string>(type: "text", nullable: false),
                    changedat = table.Column<long>(type: "bigint", nullable: false),
                    changedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_role", x => x.name);
                });

            migrationBuilder.CreateTable(
                name: "roleassignment",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    subjectkind = table.Column<int>(type: "integer", nullable: false),
                    subject = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    rolename = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    organization = table.Column<string>(type: "character varying(130)", maxLength: 130, nullable: true),
                    moneylimitusd = table.Column<decimal>(type: "numeric(12,2)", precision: 12, scale: 2, nullable: true),
                    from = table.Column<long>(type: "bigint", nullable: false),
                    until = table.Column<long>(type: "bigint", nullable: true),
                    assignedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    revokedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_roleassignment", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "roleversion",
                schema: "accounts",
                columns: table => new
                {
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    version = table.Column<int>(type: "integer", nullable: false),
                    permissions = table.Column<string>(type: "text", nullable: false),
                    changedat = table.Column<long>(type: "bigint", nullable: false),
                    changedby = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_roleversion", x => new { x.name, x.version });
                });

            migrationBuilder.CreateTable(
                name: "signinthrottle",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    failures = table.Column<int>(type: "integer", nullable: false),
                    lockouts = table.Column<int>(type: "integer", nullable: false),
                    lastfailure = table.Column<long>(type: "bigint", nullable: false),
                    lockeduntil = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_signinthrottle", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "storekey",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    protectedbytes = table.Column<byte[]>(type: "bytea", nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    retired = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_storekey", x => x.id);
                });

            migrationBuilder.CreateTable(
                name: "usedassertion",
                schema: "accounts",
                columns: table => new
                {
                    clientid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: false),
                    jtihash = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_usedassertion", x => new { x.clientid, x.jtihash });
                });

            migrationBuilder.CreateTable(
                name: "accountclaim",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<int>(type: "integer", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    claimtype = table.Column<string>(type: "text", nullable: true),
                    claimvalue = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accountclaim", x => x.id);
                    table.ForeignKey(
                        name: "FK_accountclaim_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "accountlogin",
                schema: "accounts",
                columns: table => new
                {
                    loginprovider = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    providerkey = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    providerdisplayname = table.Column<string>(type: "text", nullable: true),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accountlogin", x => new { x.loginprovider, x.providerkey });
                    table.ForeignKey(
                        name: "FK_accountlogin_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "accountpasskey",
                schema: "accounts",
                columns: table => new
                {
                    credentialid = table.Column<byte[]>(type: "bytea", maxLength: 1024, nullable: false),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    Data = table.Column<string>(type: "jsonb", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accountpasskey", x => x.credentialid);
                    table.ForeignKey(
                        name: "FK_accountpasskey_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "accountsession",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    stage = table.Column<int>(type: "integer", nullable: false),
                    isadministrator = table.Column<bool>(type: "boolean", nullable: false),
                    securitystamp = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    lastseen = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    ended = table.Column<long>(type: "bigint", nullable: true),
                    secondfactorat = table.Column<long>(type: "bigint", nullable: true),
                    pendingseed = table.Column<byte[]>(type: "bytea", nullable: true),
                    address = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    useragent = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accountsession", x => x.id);
                    table.ForeignKey(
                        name: "FK_accountsession_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "accounttoken",
                schema: "accounts",
                columns: table => new
                {
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    loginprovider = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    name = table.Column<string>(type: "character varying(200)", maxLength: 200, nullable: false),
                    value = table.Column<string>(type: "text", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_accounttoken", x => new { x.userid, x.loginprovider, x.name });
                    table.ForeignKey(
                        name: "FK_accounttoken_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "recoverycode",
                schema: "accounts",
                columns: table => new
                {
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    hash = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    used = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_recoverycode", x => new { x.userid, x.hash });
                    table.ForeignKey(
                        name: "FK_recoverycode_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "setuplink",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    userid = table.Column<string>(type: "character varying(64)", maxLength: 64, nullable: false),
                    created = table.Column<long>(type: "bigint", nullable: false),
                    expires = table.Column<long>(type: "bigint", nullable: false),
                    used = table.Column<long>(type: "bigint", nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_setuplink", x => x.id);
                    table.ForeignKey(
                        name: "FK_setuplink_account_userid",
                        column: x => x.userid,
                        principalSchema: "accounts",
                        principalTable: "account",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "openiddictauthorizations",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    applicationid = table.Column<long>(type: "bigint", nullable: true),
                    concurrencytoken = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    creationdate = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    scopes = table.Column<string>(type: "text", nullable: true),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_openiddictauthorizations", x => x.id);
                    table.ForeignKey(
                        name: "FK_openiddictauthorizations_openiddictapplications_application~",
                        column: x => x.applicationid,
                        principalSchema: "accounts",
                        principalTable: "openiddictapplications",
                        principalColumn: "id");
                });

            migrationBuilder.CreateTable(
                name: "sessionauthorization",
                schema: "accounts",
                columns: table => new
                {
                    sessionid = table.Column<string>(type: "character varying(43)", maxLength: 43, nullable: false),
                    authorizationid = table.Column<long>(type: "bigint", nullable: false)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_sessionauthorization", x => new { x.sessionid, x.authorizationid });
                    table.ForeignKey(
                        name: "FK_sessionauthorization_accountsession_sessionid",
                        column: x => x.sessionid,
                        principalSchema: "accounts",
                        principalTable: "accountsession",
                        principalColumn: "id",
                        onDelete: ReferentialAction.Cascade);
                });

            migrationBuilder.CreateTable(
                name: "openiddicttokens",
                schema: "accounts",
                columns: table => new
                {
                    id = table.Column<long>(type: "bigint", nullable: false)
                        .Annotation("Npgsql:ValueGenerationStrategy", NpgsqlValueGenerationStrategy.IdentityByDefaultColumn),
                    applicationid = table.Column<long>(type: "bigint", nullable: true),
                    authorizationid = table.Column<long>(type: "bigint", nullable: true),
                    concurrencytoken = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    creationdate = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    expirationdate = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    payload = table.Column<string>(type: "text", nullable: true),
                    properties = table.Column<string>(type: "text", nullable: true),
                    redemptiondate = table.Column<DateTime>(type: "timestamp with time zone", nullable: true),
                    referenceid = table.Column<string>(type: "character varying(100)", maxLength: 100, nullable: true),
                    status = table.Column<string>(type: "character varying(50)", maxLength: 50, nullable: true),
                    subject = table.Column<string>(type: "character varying(400)", maxLength: 400, nullable: true),
                    type = table.Column<string>(type: "character varying(150)", maxLength: 150, nullable: true)
                },
                constraints: table =>
                {
                    table.PrimaryKey("PK_openiddicttokens", x => x.id);
                    table.ForeignKey(
                        name: "FK_openiddicttokens_openiddictapplications_applicationid",
                        column: x => x.applicationid,
                        principalSchema: "accounts",
                        principalTable: "openiddictapplications",
                        principalColumn: "id");
                    table.ForeignKey(
                        name: "FK_openiddicttokens_openiddictauthorizations_authorizationid",
                        column: x => x.authorizationid,
                        principalSchema: "accounts",
                        principalTable: "openiddictauthorizations",
                        principalColumn: "id");
                });

            migrationBuilder.CreateIndex(
                name: "EmailIndex",
                schema: "accounts",
                table: "account",
                column: "normalizedemail");

            migrationBuilder.CreateIndex(
                name: "IX_account_fhiruser",
                schema: "accounts",
                table: "account",
                column: "fhiruser");

            migrationBuilder.CreateIndex(
                name: "UserNameIndex",
                schema: "accounts",
                table: "account",
                column: "normalizedusername",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_accountclaim_userid",
                schema: "accounts",
                table: "accountclaim",
                column: "userid");

            migrationBuilder.CreateIndex(
                name: "IX_accountlogin_userid",
                schema: "accounts",
                table: "accountlogin",
                column: "userid");

            migrationBuilder.CreateIndex(
                name: "IX_accountpasskey_userid",
                schema: "accounts",
                table: "accountpasskey",
                column: "userid");

            migrationBuilder.CreateIndex(
                name: "IX_accountsession_expires",
                schema: "accounts",
                table: "accountsession",
                column: "expires");

            migrationBuilder.CreateIndex(
                name: "IX_accountsession_userid",
                schema: "accounts",
                table: "accountsession",
                column: "userid");

            migrationBuilder.CreateIndex(
                name: "IX_breakglassgrant_patientid_from",
                schema: "accounts",
                table: "breakglassgrant",
                columns: new[] { "patientid", "from" });

            migrationBuilder.CreateIndex(
                name: "IX_breakglassgrant_userid_until",
                schema: "accounts",
                table: "breakglassgrant",
                columns: new[] { "userid", "until" });

            migrationBuilder.CreateIndex(
                name: "IX_launchcontext_expires",
                schema: "accounts",
                table: "launchcontext",
                column: "expires");

            migrationBuilder.CreateIndex(
                name: "IX_openiddictapplications_clientid",
                schema: "accounts",
                table: "openiddictapplications",
                column: "clientid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_openiddictauthorizations_applicationid_status_subject_type",
                schema: "accounts",
                table: "openiddictauthorizations",
                columns: new[] { "applicationid", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "IX_openiddictscopes_name",
                schema: "accounts",
                table: "openiddictscopes",
                column: "name",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_openiddicttokens_applicationid_status_subject_type",
                schema: "accounts",
                table: "openiddicttokens",
                columns: new[] { "applicationid", "status", "subject", "type" });

            migrationBuilder.CreateIndex(
                name: "IX_openiddicttokens_authorizationid",
                schema: "accounts",
                table: "openiddicttokens",
                column: "authorizationid");

            migrationBuilder.CreateIndex(
                name: "IX_openiddicttokens_referenceid",
                schema: "accounts",
                table: "openiddicttokens",
                column: "referenceid",
                unique: true);

            migrationBuilder.CreateIndex(
                name: "IX_roleassignment_rolename",
                schema: "accounts",
                table: "roleassignment",
                column: "rolename");

            migrationBuilder.CreateIndex(
                name: "IX_roleassignment_subject_subjectkind",
                schema: "accounts",
                table: "roleassignment",
                columns: new[] { "subject", "subjectkind" });

            migrationBuilder.CreateIndex(
                name: "IX_setuplink_userid",
                schema: "accounts",
                table: "setuplink",
                column: "userid");

            migrationBuilder.CreateIndex(
                name: "IX_signinthrottle_lastfailure",
                schema: "accounts",
                table: "signinthrottle",
                column: "lastfailure");

            migrationBuilder.CreateIndex(
                name: "IX_storekey_name_created",
                schema: "accounts",
                table: "storekey",
                columns: new[] { "name", "created" });

            migrationBuilder.CreateIndex(
                name: "IX_usedassertion_expires",
                schema: "accounts",
                table: "usedassertion",
                column: "expires");
        }

        /// <inheritdoc />
        protected override void Down(MigrationBuilder migrationBuilder)
        {
            migrationBuilder.DropTable(
                name: "accountclaim",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "accountlogin",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "accountpasskey",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "accounttoken",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "breakglassgrant",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "clientprofile",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "launchcontext",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "openiddictscopes",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "openiddicttokens",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "recoverycode",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "role",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "roleassignment",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "roleversion",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "sessionauthorization",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "setuplink",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "signinthrottle",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "storekey",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "usedassertion",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "openiddictauthorizations",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "accountsession",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "openiddictapplications",
                schema: "accounts");

            migrationBuilder.DropTable(
                name: "account",
                schema: "accounts");
        }
    }
}
