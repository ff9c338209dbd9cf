using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Schema;
using FhirEmr.FhirServer.Security.Outbound;
using FhirEmr.FhirServer.Security.Smart.Assertions;
using FhirEmr.FhirServer.Security.Smart.Authorize;
using FhirEmr.FhirServer.Security.Smart.Clients;
using FhirEmr.FhirServer.Security.Smart.Discovery;
using FhirEmr.FhirServer.Security.Smart.External;
using FhirEmr.FhirServer.Security.Smart.Keys;
using FhirEmr.FhirServer.Security.Smart.Launch;
using FhirEmr.FhirServer.Security.Smart.Tokens;
using Microsoft.Extensions.Options;
using OpenIddict.Server;

namespace FhirEmr.FhirServer.Security.Smart;

/// <summary>What the authorisation server is made of.</summary>
internal static class SmartServices
{
    public static IServiceCollection AddSmart(this IServiceCollection services, IConfiguration configuration)
    {
        services.AddSingleton(configuration.GetSection("Auth").Get<SmartOptions>() ?? new());
        services.AddSingleton(configuration.GetSection("Outbound").Get<OutboundOptions>() ?? new());
        services.AddSingleton<GuardedHttpClient>();
        services.AddSingleton<SmartEvents>();
        services.AddSingleton<SecurityStatement>();
        services.AddSingleton<ClientRegistry>();
        services.AddSingleton<ClientOrigins>();
        services.AddSingleton<ClientKeys>();
        services.AddSingleton<ClientAssertion>();
        services.AddSingleton<LaunchTickets>();
        services.AddSingleton<LaunchContexts>();
        services.AddSingleton<AuthorizeEndpoint>();
        services.AddScoped<Consents>();
        services.AddSingleton<ValidatedTokens>();
        services.AddSingleton<TokenMint>();
        services.AddSingleton<AppOptOut>();
        if (configuration["Auth:Mode"] != AuthOptions.External) // apps are let in there, and taken back there
            services.AddSingleton<IAppGrants, AppGrants>();
        services.AddSingleton<ExternalIssuer>();
        services.AddSingleton<AccessTokens>();
        services.AddSingleton<ExternalTokens>();
        services.AddSingleton<ITokenReader>(sp => sp.GetRequiredService<IOptions<AuthOptions>>().Value.Mode == AuthOptions.External
            ? sp.GetRequiredService<ExternalTokens>()
            : sp.GetRequiredService<AccessTokens>());
        services.AddSingleton(new KeyFolder(AccountsServices.KeysFolder(configuration)));
        services.AddSingleton<TokenKeys>();
        services.AddSingleton<IOptionsChangeTokenSource<OpenIddictServerOptions>>(sp => sp.GetRequiredService<TokenKeys>());
        services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<AccountsContext>().ReplaceDefaultEntities<long>())
            .AddServer(Server);
        services.ConfigureOptions<KeysOfOpenIddict>(); // after OpenIddict's own
        return services;
    }

    private static void Server(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris(Relative(SmartPaths.Authorize)).SetTokenEndpointUris(Relative(SmartPaths.Token))
            .SetIntrospectionEndpointUris(Relative(SmartPaths.Introspect)).SetRevocationEndpointUris(Relative(SmartPaths.Revoke))
            .SetJsonWebKeySetEndpointUris(Relative(SmartPaths.Keys)).SetConfigurationEndpointUris(Relative(SmartPaths.OpenIdConfiguration));
        server.AllowAuthorizationCodeFlow().AllowRefreshTokenFlow().AllowClientCredentialsFlow().RequireProofKeyForCodeExchange();
        server.SetAuthorizationCodeLifetime(TimeSpan.FromMinutes(1)).SetIdentityTokenLifetime(TimeSpan.FromMinutes(10)).SetRefreshTokenReuseLeeway(TimeSpan.FromSeconds(5));
        server.DisableAccessTokenEncryption().UseReferenceRefreshTokens().DisableScopeValidation().IgnoreScopePermissions(); // scopes are patterns here: ScopeGrant
        foreach (var handler in (OpenIddictServerHandlerDescriptor[])[AssertionHandler.Descriptor, ClientGate.Descriptor, AudienceCheck.Descriptor, ErrorsGoBack.Descriptor, IssueTokens.Descriptor,
            ReuseEndsAuthorization.Descriptor, OnlineAccess.Descriptor, SessionTie.Descriptor, PatientTie.Descriptor, LaunchParameters.Descriptor, RevokedTokens.Descriptor, IntrospectionClaims.Descriptor, CanonicalEndpoints.Descriptor])
            server.AddEventHandler(handler);

        // Whether plain HTTP may be listened to is decided for the whole server, by ListenGuard.
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableErrorPassthrough().SuppressJsonResponseIndentation().DisableTransportSecurityRequirement();
    }

    private static string Relative(string path) => path.TrimStart('/');
}
