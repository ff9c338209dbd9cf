CREATE TABLE IF NOT EXISTS "__EFMigrationsHistory" (
    "MigrationId" TEXT NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY,
    "ProductVersion" TEXT NOT NULL
);

BEGIN TRANSACTION;
CREATE TABLE "Account" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_Account" PRIMARY KEY,
    "DisplayName" TEXT NOT NULL,
    "Kind" INTEGER NOT NULL,
    "FhirUser" TEXT NULL,
    "IsDisabled" INTEGER NOT NULL,
    "Created" INTEGER NOT NULL,
    "LastSignIn" INTEGER NULL,
    "AuthenticatorSeed" BLOB NULL,
    "AuthenticatorStep" INTEGER NOT NULL,
    "UserName" TEXT NULL,
    "NormalizedUserName" TEXT NULL,
    "Email" TEXT NULL,
    "NormalizedEmail" TEXT NULL,
    "EmailConfirmed" INTEGER NOT NULL,
    "PasswordHash" TEXT NULL,
    "SecurityStamp" TEXT NULL,
    "ConcurrencyStamp" TEXT NULL,
    "PhoneNumber" TEXT NULL,
    "PhoneNumberConfirmed" INTEGER NOT NULL,
    "TwoFactorEnabled" INTEGER NOT NULL,
    "LockoutEnd" INTEGER NULL,
    "LockoutEnabled" INTEGER NOT NULL,
    "AccessFailedCount" INTEGER NOT NULL
);

CREATE TABLE "BreakGlassGrant" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_BreakGlassGrant" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "PatientId" TEXT NOT NULL,
    "Reason" TEXT NOT NULL,
    "Purpose" TEXT NOT NULL,
    "From" INTEGER NOT NULL,
    "Until" INTEGER NOT NULL,
    "ReviewedBy" TEXT NULL,
    "ReviewedAt" INTEGER NULL
);

CREATE TABLE "ClientProfile" (
    "ClientId" TEXT NOT NULL CONSTRAINT "PK_ClientProfile" PRIMARY KEY,
    "Kind" INTEGER NOT NULL,
    "IsDisabled" INTEGER NOT NULL,
    "LaunchKinds" TEXT NOT NULL,
    "AllowedScopes" TEXT NOT NULL,
    "FhirUser" TEXT NULL,
    "Owner" TEXT NULL,
    "JwksUri" TEXT NULL,
    "Jwks" TEXT NULL,
    "AllowedNetworks" TEXT NOT NULL,
    "AllowedOrigins" TEXT NOT NULL,
    "ChangedAt" INTEGER NOT NULL,
    "ChangedBy" TEXT NOT NULL
);

CREATE TABLE "LaunchContext" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_LaunchContext" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "ClientId" TEXT NOT NULL,
    "Patient" TEXT NULL,
    "Encounter" TEXT NULL,
    "Intent" TEXT NULL,
    "FhirContext" TEXT NULL,
    "Expires" INTEGER NOT NULL,
    "Used" INTEGER NULL
);

CREATE TABLE "OpenIddictApplications" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_OpenIddictApplications" PRIMARY KEY AUTOINCREMENT,
    "ApplicationType" TEXT NULL,
    "ClientId" TEXT NULL,
    "ClientSecret" TEXT NULL,
    "ClientType" TEXT NULL,
    "ConcurrencyToken" TEXT NULL,
    "ConsentType" TEXT NULL,
    "DisplayName" TEXT NULL,
    "DisplayNames" TEXT NULL,
    "JsonWebKeySet" TEXT NULL,
    "Permissions" TEXT NULL,
    "PostLogoutRedirectUris" TEXT NULL,
    "Properties" TEXT NULL,
    "RedirectUris" TEXT NULL,
    "Requirements" TEXT NULL,
    "Settings" TEXT NULL
);

CREATE TABLE "OpenIddictScopes" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_OpenIddictScopes" PRIMARY KEY AUTOINCREMENT,
    "ConcurrencyToken" TEXT NULL,
    "Description" TEXT NULL,
    "Descriptions" TEXT NULL,
    "DisplayName" TEXT NULL,
    "DisplayNames" TEXT NULL,
    "Name" TEXT NULL,
    "Properties" TEXT NULL,
    "Resources" TEXT NULL
);

CREATE TABLE "Role" (
    "Name" TEXT NOT NULL CONSTRAINT "PK_Role" PRIMARY KEY,
    "Version" INTEGER NOT NULL,
    "IsBuiltIn" INTEGER NOT NULL,
    "Permissions" TEXT NOT NULL,
    "ChangedAt" INTEGER NOT NULL,
    "ChangedBy" TEXT NOT NULL
);

CREATE TABLE "RoleAssignment" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_RoleAssignment" PRIMARY KEY AUTOINCREMENT,
    "SubjectKind" INTEGER NOT NULL,
    "Subject" TEXT NOT NULL,
    "RoleName" TEXT NOT NULL,
    "Organization" TEXT NULL,
    "MoneyLimitUsd" TEXT NULL,
    "From" INTEGER NOT NULL,
    "Until" INTEGER NULL,
    "AssignedBy" TEXT NOT NULL,
    "RevokedBy" TEXT NULL
);

CREATE TABLE "RoleVersion" (
    "Name" TEXT NOT NULL,
    "Version" INTEGER NOT NULL,
    "Permissions" TEXT NOT NULL,
    "ChangedAt" INTEGER NOT NULL,
    "ChangedBy" TEXT NOT NULL,
    CONSTRAINT "PK_RoleVersion" PRIMARY KEY ("Name", "Version")
);

CREATE TABLE "SignInThrottle" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_SignInThrottle" PRIMARY KEY,
    "Failures" INTEGER NOT NULL,
    "Lockouts" INTEGER NOT NULL,
    "LastFailure" INTEGER NOT NULL,
    "LockedUntil" INTEGER NULL
);

CREATE TABLE "StoreKey" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_StoreKey" PRIMARY KEY,
    "Name" TEXT NOT NULL,
    "ProtectedBytes" BLOB NOT NULL,
    "Created" INTEGER NOT NULL,
    "Retired" INTEGER NULL
);

CREATE TABLE "UsedAssertion" (
    "ClientId" TEXT NOT NULL,
    "JtiHash" TEXT NOT NULL,
    "Expires" INTEGER NOT NULL,
    CONSTRAINT "PK_UsedAssertion" PRIMARY KEY ("ClientId", "JtiHash")
);

CREATE TABLE "AccountClaim" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_AccountClaim" PRIMARY KEY AUTOINCREMENT,
    "UserId" TEXT NOT NULL,
    "ClaimType" TEXT NULL,
    "ClaimValue" TEXT NULL,
    CONSTRAINT "FK_AccountClaim_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AccountLogin" (
    "LoginProvider" TEXT NOT NULL,
    "ProviderKey" TEXT NOT NULL,
    "ProviderDisplayName" TEXT NULL,
    "UserId" TEXT NOT NULL,
    CONSTRAINT "PK_AccountLogin" PRIMARY KEY ("LoginProvider", "ProviderKey"),
    CONSTRAINT "FK_AccountLogin_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AccountPasskey" (
    "CredentialId" BLOB NOT NULL CONSTRAINT "PK_AccountPasskey" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Data" TEXT NOT NULL,
    CONSTRAINT "FK_AccountPasskey_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AccountSession" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_AccountSession" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Stage" INTEGER NOT NULL,
    "IsAdministrator" INTEGER NOT NULL,
    "SecurityStamp" TEXT NOT NULL,
    "Created" INTEGER NOT NULL,
    "LastSeen" INTEGER NOT NULL,
    "Expires" INTEGER NOT NULL,
    "Ended" INTEGER NULL,
    "SecondFactorAt" INTEGER NULL,
    "PendingSeed" BLOB NULL,
    "Address" TEXT NOT NULL,
    "UserAgent" TEXT NOT NULL,
    CONSTRAINT "FK_AccountSession_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "AccountToken" (
    "UserId" TEXT NOT NULL,
    "LoginProvider" TEXT NOT NULL,
    "Name" TEXT NOT NULL,
    "Value" TEXT NULL,
    CONSTRAINT "PK_AccountToken" PRIMARY KEY ("UserId", "LoginProvider", "Name"),
    CONSTRAINT "FK_AccountToken_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "RecoveryCode" (
    "UserId" TEXT NOT NULL,
    "Hash" TEXT NOT NULL,
    "Created" INTEGER NOT NULL,
    "Used" INTEGER NULL,
    CONSTRAINT "PK_RecoveryCode" PRIMARY KEY ("UserId", "Hash"),
    CONSTRAINT "FK_RecoveryCode_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "SetUpLink" (
    "Id" TEXT NOT NULL CONSTRAINT "PK_SetUpLink" PRIMARY KEY,
    "UserId" TEXT NOT NULL,
    "Created" INTEGER NOT NULL,
    "Expires" INTEGER NOT NULL,
    "Used" INTEGER NULL,
    CONSTRAINT "FK_SetUpLink_Account_UserId" FOREIGN KEY ("UserId") REFERENCES "Account" ("Id") ON DELETE CASCADE
);

CREATE TABLE "OpenIddictAuthorizations" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_OpenIddictAuthorizations" PRIMARY KEY AUTOINCREMENT,
    "ApplicationId" INTEGER NULL,
    "ConcurrencyToken" TEXT NULL,
    "CreationDate" TEXT NULL,
    "Properties" TEXT NULL,
    "Scopes" TEXT NULL,
    "Status" TEXT NULL,
    "Subject" TEXT NULL,
    "Type" TEXT NULL,
    CONSTRAINT "FK_OpenIddictAuthorizations_OpenIddictApplications_ApplicationId" FOREIGN KEY ("ApplicationId") REFERENCES "OpenIddictApplications" ("Id")
);

CREATE TABLE "SessionAuthorization" (
    "SessionId" TEXT NOT NULL,
    "AuthorizationId" INTEGER NOT NULL,
    CONSTRAINT "PK_SessionAuthorization" PRIMARY KEY ("SessionId", "AuthorizationId"),
    CONSTRAINT "FK_SessionAuthorization_AccountSession_SessionId" FOREIGN KEY ("SessionId") REFERENCES "AccountSession" ("Id") ON DELETE CASCADE
);

CREATE TABLE "OpenIddictTokens" (
    "Id" INTEGER NOT NULL CONSTRAINT "PK_OpenIddictTokens" PRIMARY KEY AUTOINCREMENT,
    "ApplicationId" INTEGER NULL,
    "AuthorizationId" INTEGER NULL,
    "ConcurrencyToken" TEXT NULL,
    "CreationDate" TEXT NULL,
    "ExpirationDate" TEXT NULL,
    "Payload" TEXT NULL,
    "Properties" TEXT NULL,
    "RedemptionDate" TEXT NULL,
    "ReferenceId" TEXT NULL,
    "Status" TEXT NULL,
    "Subject" TEXT NULL,
    "Type" TEXT NULL,
    CONSTRAINT "FK_OpenIddictTokens_OpenIddictApplications_ApplicationId" FOREIGN KEY ("ApplicationId") REFERENCES "OpenIddictApplications" ("Id"),
    CONSTRAINT "FK_OpenIddictTokens_OpenIddictAuthorizations_AuthorizationId" FOREIGN KEY ("AuthorizationId") REFERENCES "OpenIddictAuthorizations" ("Id")
);

CREATE INDEX "EmailIndex" ON "Account" ("NormalizedEmail");

CREATE INDEX "IX_Account_FhirUser" ON "Account" ("FhirUser");

CREATE UNIQUE INDEX "UserNameIndex" ON "Account" ("NormalizedUserName");

CREATE INDEX "IX_AccountClaim_UserId" ON "AccountClaim" ("UserId");

CREATE INDEX "IX_AccountLogin_UserId" ON "AccountLogin" ("UserId");

CREATE INDEX "IX_AccountPasskey_UserId" ON "AccountPasskey" ("UserId");

CREATE INDEX "IX_AccountSession_Expires" ON "AccountSession" ("Expires");

CREATE INDEX "IX_AccountSession_UserId" ON "AccountSession" ("UserId");

CREATE INDEX "IX_BreakGlassGrant_PatientId_From" ON "BreakGlassGrant" ("PatientId", "From");

CREATE INDEX "IX_BreakGlassGrant_UserId_Until" ON "BreakGlassGrant" ("UserId", "Until");

CREATE INDEX "IX_LaunchContext_Expires" ON "LaunchContext" ("Expires");

CREATE UNIQUE INDEX "IX_OpenIddictApplications_ClientId" ON "OpenIddictApplications" ("ClientId");

CREATE INDEX "IX_OpenIddictAuthorizations_ApplicationId_Status_Subject_Type" ON "OpenIddictAuthorizations" ("ApplicationId", "Status", "Subject", "Type");

CREATE UNIQUE INDEX "IX_OpenIddictScopes_Name" ON "OpenIddictScopes" ("Name");

CREATE INDEX "IX_OpenIddictTokens_ApplicationId_Status_Subject_Type" ON "OpenIddictTokens" ("ApplicationId", "Status", "Subject", "Type");

CREATE INDEX "IX_OpenIddictTokens_AuthorizationId" ON "OpenIddictTokens" ("AuthorizationId");

CREATE UNIQUE INDEX "IX_OpenIddictTokens_ReferenceId" ON "OpenIddictTokens" ("ReferenceId");

CREATE INDEX "IX_RoleAssignment_RoleName" ON "RoleAssignment" ("RoleName");

CREATE INDEX "IX_RoleAssignment_Subject_SubjectKind" ON "RoleAssignment" ("Subject", "SubjectKind");

CREATE INDEX "IX_SetUpLink_UserId" ON "SetUpLink" ("UserId");

CREATE INDEX "IX_SignInThrottle_LastFailure" ON "SignInThrottle" ("LastFailure");

CREATE INDEX "IX_StoreKey_Name_Created" ON "StoreKey" ("Name", "Created");

CREATE INDEX "IX_UsedAssertion_Expires" ON "UsedAssertion" ("Expires");

INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion")
VALUES ('20261128191732_Initial', '10.0.15');

COMMIT;
