using FhirEmr.FhirServer.Security.Accounts;
using FhirEmr.FhirServer.Security.Accounts.Users;
using FhirEmr.FhirServer.Security.Encryption;
using FhirEmr.FhirServer.Storage;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>What has to be right before strangers can reach the server: it does not start otherwise, and says everything that is missing at once (security S-102).</summary>
internal static class ProductionGuard
{
    /// <summary>Whether somebody has said so. Unset means no more than that nobody has said anything.</summary>
    public static bool IsProduction =>
        (Environment.GetEnvironmentVariable("ASPNETCORE_ENVIRONMENT") ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT")) is { } name
        && name.Equals("Production", StringComparison.OrdinalIgnoreCase);

    /// <summary>It was said so, or a proxy brings requests from elsewhere, or we listen beyond this machine.</summary>
    public static bool Applies(IConfiguration configuration) =>
        configuration["Auth:Mode"] != AuthOptions.Demo && (IsProduction || TrustedProxies.AreThere(configuration) || ListenGuard.IsBeyondThisMachine(configuration));

    /// <summary>One sentence for each thing that is missing, with the fix.</summary>
    public static async Task<IReadOnlyList<string>> FaultsAsync(IServiceProvider services, CancellationToken ct)
    {
        var configuration = services.GetRequiredService<IConfiguration>();
        var faults = new List<string>();
        if (!TrustedProxies.AreThere(configuration) && !Addresses(configuration).All(a => a.StartsWith("https://", StringComparison.OrdinalIgnoreCase)))
            faults.Add("Nothing encrypts the connection: listen on an https address with a certificate (Kestrel:Certificates:Default:Path), or list your TLS proxy in Proxy:Trusted.");
        if (!Uri.TryCreate(configuration["Server:BaseUrl"], UriKind.Absolute, out var url) || url.Scheme != Uri.UriSchemeHttps)
            faults.Add("Server:BaseUrl is not set to an https address: give the one that clients use, as in https://emr.example.org/fhir.");
        if (string.IsNullOrEmpty(configuration["Backup:Target"]))
            faults.Add("Backup:Target is not set: say where backups of this installation go, or 'declined'.");

        if (DatabaseLink.Fault(configuration.GetSection("Storage").Get<StorageOptions>() ?? new()) is { } link)
            faults.Add(link);

        if (configuration.GetValue<bool>("Outbound:AllowLoopback"))
            faults.Add("Outbound:AllowLoopback is for demos and tests: whoever may name an address could have this server ask its own machine. Leave it out.");

        var keys = AccountsServices.KeysFolder(configuration);
        if (Directory.Exists(keys) && Directory.EnumerateFiles(keys).Append(keys).FirstOrDefault(OwnerOnly.IsOpenToOthers) is { } open)
            faults.Add($"{open} can be read by other users of this machine: chmod go= '{open}'.");
        if (configuration["Auth:Mode"] is null or "" or AuthOptions.Embedded && !await services.GetRequiredService<RoleAssignments>().HasReadyAdministratorAsync(ct))
            faults.Add("There is no administrator with a second factor: run fhir-emr init, and start the server within the 30 minutes that its link is good.");
        return faults;
    }

    private static IEnumerable<string> Addresses(IConfiguration configuration) =>
        (configuration["urls"] ?? "").Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
            .Concat(configuration.GetSection("Kestrel:Endpoints").GetChildren().Select(e => e["Url"]).OfType<string>());
}
