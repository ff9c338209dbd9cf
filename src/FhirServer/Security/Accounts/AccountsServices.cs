using FhirEmr.FhirServer.Security.Accounts.Pages;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Accounts.Sessions;
using FhirEmr.FhirServer.Security.Accounts.SignIn;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace FhirEmr.FhirServer.Security.Accounts;

/// <summary>Accounts, sessions, and the pages to sign in.</summary>
internal static class AccountsServices
{
    /// <summary>Marks a browser, signed in or not, so that its forms are known to be its own.</summary>
    public const string FormCookie = "fhir-emr-form";

    public static IServiceCollection AddAccounts(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddOptions<AuthOptions>().Bind(configuration.GetSection("Auth"));
        services.AddSingleton<AccountsDatabase>();
        services.AddSingleton<IDbContextFactory<AccountsContext>>(sp => sp.GetRequiredService<AccountsDatabase>());
        services.AddScoped(sp => sp.GetRequiredService<AccountsDatabase>().CreateDbContext()); // for OpenIddict, which asks for a context
        services.TryAddSingleton<ISecurityEvents, NobodyListens>();

        services.AddSingleton<Passwords>();
        services.AddSingleton<Throttles>();
        services.AddSingleton<AuthenticatorSeeds>();
        services.AddSingleton<SecondFactors>();
        services.AddSingleton<PasskeyChallenges>();
        services.AddSingleton<Passkeys>();
        services.AddSingleton<AccountSessions>();
        services.AddSingleton<RoleAssignments>();
        services.AddSingleton<UserDirectory>();
        services.AddSingleton<SignInFlow>();
        services.AddSingleton<OwnAccount>();
        services.AddSingleton<OwnPasskeys>();
        services.AddSingleton<DemoPasswords>();

        // The keys lie beside the database, not in it: a stolen copy of the tables shows no seed (S-61, S-62).
        var keys = KeysFolder(configuration);
        services.AddDataProtection().SetApplicationName("fhir-emr").PersistKeysToFileSystem(new DirectoryInfo(keys));
        services.AddSingleton(new EncryptionKeys(configuration.GetSection("Encryption").Get<EncryptionOptions>() ?? new(), keys));
        services.AddOptions<KeyManagementOptions>().PostConfigure<EncryptionKeys>((ring, encryption) =>
        {
            OwnerOnly.CreateFolder(keys); // before the first key is written
            ring.XmlEncryptor = new KeyRingXml(encryption);
        });

        services.AddAuthentication().AddScheme<AuthenticationSchemeOptions, SessionHandler>(SessionHandler.SchemeName, null);
        services.AddAntiforgery(forms =>
        {
            forms.Cookie.Name = FormCookie;
            forms.Cookie.SecurePolicy = Microsoft.AspNetCore.Http.CookieSecurePolicy.SameAsRequest;
            forms.FormFieldName = "form-token";
            forms.SuppressXFrameOptionsHeader = true; // frame-ancestors says it
        });
        services.AddSingleton<AccountPages>();
        return services;
    }

    /// <summary>The pages below <c>/account</c>; none when people sign in elsewhere.</summary>
    public static void MapAccounts(this WebApplication app)
    {
        if (app.Configuration["Auth:Mode"] != AuthOptions.External)
            app.Services.GetRequiredService<AccountPages>().Map(app);
    }

    public static string KeysFolder(IConfiguration configuration) =>
        configuration["Auth:KeysFolder"] is { Length: > 0 } folder
            ? Path.GetFullPath(folder)
            : Path.Combine(Path.GetFullPath(configuration["Storage:DataFolder"] is { Length: > 0 } data ? data : new StorageOptions().DataFolder), "keys");
}
