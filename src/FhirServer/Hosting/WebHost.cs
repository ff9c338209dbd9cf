using System.Security.Authentication;
using FhirEmr.FhirServer.Hosting.Admin;
using FhirEmr.FhirServer.Hosting.CdsHooks;
using FhirEmr.FhirServer.Hosting.Edge;
using FhirEmr.FhirServer.Hosting.Jobs;
using FhirEmr.FhirServer.Hosting.Smart;
using FhirEmr.FhirServer.Interactions.Binaries;
using FhirEmr.FhirServer.Operations.Integrity;
using FhirEmr.FhirServer.Operations.Reindexing;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Roles;
using FhirEmr.FhirServer.Security.Audit;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;
using FhirEmr.FhirServer.Storage.Reindex;
using Microsoft.Extensions.Options;
using Microsoft.OpenApi;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>The web host: configuration, services, the order of the middleware, start-up.</summary>
internal static class WebHost
{
    public const string DefaultUrl = "http://127.0.0.1:8080";

    public static WebApplicationBuilder CreateBuilder(string[] arguments, IReadOnlyDictionary<string, string?>? overrides = null)
    {
        // Settings lie beside the program, so that the working folder decides nothing but where ./data is.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddEnvironmentVariables("FHIREMR__");
        builder.Configuration.AddCommandLine(arguments);
        if (overrides is not null)
            builder.Configuration.AddInMemoryCollection(overrides);
        if (string.IsNullOrEmpty(builder.Configuration["urls"]))
            builder.Configuration["urls"] = DefaultUrl;

        builder.WebHost.UseUrls(builder.Configuration["urls"]!);
        builder.WebHost.UseKestrelHttpsConfiguration(); // the slim builder leaves it out: https addresses and Kestrel:Certificates would stop the start
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.ConfigureHttpsDefaults(https => https.SslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13); // whatever the system would still take (security S-60)
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = BinaryIntake.MaxBytes;

            // Wider than our own limits, so that those can be answered with an OperationOutcome; beyond these Kestrel answers without one.
            kestrel.Limits.MaxRequestLineSize = 64 * 1024;
            kestrel.Limits.MaxRequestHeadersTotalSize = 64 * 1024;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(15);
        });
        builder.Services.AddSingleton<Readiness>();
        builder.Services.Configure<HostOptions>(host =>
        {
            host.ShutdownTimeout = TimeSpan.FromSeconds(20); // for requests under way
            host.ServicesStopConcurrently = true; // jobs give back their leases meanwhile, not afterwards
        });
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        builder.Logging.AddFilter("Microsoft.AspNetCore.Hosting.Diagnostics", LogLevel.None); // else each request gets an Activity and a scope that nobody reads: ErrorBoundary tells what fails
        builder.Logging.AddFilter("Npgsql", LogLevel.Warning);
        builder.Logging.AddFilter("OpenIddict", LogLevel.Warning); // else each request of an app is written down with its parameters (security S-89)
        builder.Logging.AddFilter("Microsoft.AspNetCore.Antiforgery", LogLevel.Error); // else each page of a form is a warning that it is not cached
        builder.Logging.AddFilter("FhirEmr.FhirServer.Security.Accounts.Sessions", LogLevel.Warning); // else each page that asks to sign in is told
        builder.Services.AddFhirEmr(builder.Configuration);
        builder.Services.AddHostedService<ReindexWorker>();
        builder.Services.AddHostedService<DefinitionsWatch>();
        builder.Services.AddHostedService<AuditWatch>();
        builder.Services.AddSingleton(sp => new CommandEvents(AccountsServices.KeysFolder(builder.Configuration), sp.GetRequiredService<TimeProvider>()));
        builder.Services.AddHostedService<CommandEventsWatch>();
        builder.Services.AddHl7V2Listeners(builder.Configuration);
        builder.Services.AddRouting();
        builder.Services.AddEndpointsApiExplorer();
        builder.Services.AddSwaggerGen(swagger =>
        {
            swagger.SwaggerDoc("v1", new OpenApiInfo { Title = "FhirEmr FHIR R4 API", Version = "v1" });
            swagger.DocumentFilter<SwaggerDocument>();
        });
        return builder;
    }

    /// <summary>Opens the store, then builds the pipeline; throws with a sentence when the store cannot serve.</summary>
    public static async Task<WebApplication> BuildAsync(WebApplicationBuilder builder, CancellationToken ct)
    {
        var warmUp = Task.Run(FhirSchema.WarmUp, ct); // beside all that follows, and for a while after it: nobody waits for types that nobody has asked for
        var app = builder.Build();
        _ = warmUp.ContinueWith(failed => app.Logger.LogError(failed.Exception, "The types of R4 were not all built ahead"), CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        app.Services.GetRequiredService<EncryptionKeys>().Start();
        var store = app.Services.GetRequiredService<IResourceStore>();
        await store.StartAsync(ct);
        store.Failed.Register(app.Lifetime.StopApplication); // only a process that recovers from the log may write again (F5)
        var accounts = app.Services.GetRequiredService<AccountsDatabase>();
        await accounts.StartAsync(ct);
        StoredRoles.Check(await accounts.OwnRolesAsync(ct));
        await app.Services.GetRequiredService<AuditLog>().ReadyAsync();
        await app.Services.GetRequiredService<CustomParameterRegistry>().StartAsync(ct);
        await PracticeZone.CompareAsync(app.Services, ct);
        await DemoGuard.CheckStoreAsync(app.Services, ct);
        if (await app.Services.GetRequiredService<IndexedAddress>().ChangeAsync(app.Services.GetRequiredService<IOptions<ServerOptions>>().Value.BaseUrl.TrimEnd('/'), ct) is { } change)
            app.Logger.LogWarning("{Change}", change);

        if (TrustedProxies.Read(app.Configuration) is { } proxies)
            app.UseForwardedHeaders(proxies);
        if (app.Services.GetRequiredService<ServerAddress>().Prefix is { Length: > 0 } prefix)
            app.UsePathBase(prefix);
        app.UseMiddleware<ErrorBoundary>();
        app.UseMiddleware<HostGuard>();
        if (app.Configuration["Auth:Mode"] == AuthOptions.Demo)
            app.UseMiddleware<DemoGuard>();
        var fhir = app.Services.GetRequiredService<FhirEndpoint>();
        SmartEndpoints.Use(app);
        app.Use(next => http => FhirEndpoint.Takes(http.Request.Path) ? fhir.HandleAsync(http) : next(http)); // records need no table of routes, nor any of what follows
        JobDashboard.Use(app);
        app.UseRouting(); // after the path base, which routes do not know
        HealthEndpoints.Map(app);
        SubscriptionEndpoint.Map(app);
        LandingPage.Map(app);
        app.MapAccounts();
        SmartEndpoints.Map(app);
        RoleEndpoints.Map(app);
        TerminologyEndpoints.Map(app);
        JobEndpoints.Map(app);
        CdsEndpoints.Map(app);
        Hl7V2Endpoint.Map(app);
        app.UseSwagger();
        app.UseSwaggerUI(ui => ui.SwaggerEndpoint("/swagger/v1/swagger.json", "FhirEmr FHIR R4 API"));
        return app;
    }
}
