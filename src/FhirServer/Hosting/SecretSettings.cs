using System.Data.Common;

namespace FhirEmr.FhirServer.Hosting;

/// <summary>Which settings are secrets (security S-63): they are never shown, and none of them may be a value that stands in somebody's documentation.</summary>
internal static class SecretSettings
{
    public const string Mask = "********";

    private static readonly string[] Names = ["password", "pwd", "secret", "passphrase", "key", "keys", "token"];

    // What people copy from examples and forget to change. Compared without case, and as a whole.
    private static readonly HashSet<string> Samples = new(StringComparer.OrdinalIgnoreCase)
    {
        "changeme", "change-me", "change_me", "changeit", "changethis", "password", "passw0rd", "p@ssw0rd", "p@ssword", "secret", "mysecret", "topsecret", "example", "sample", "default",
        "test", "todo", "xxx", "xxxxxxxx", "********", "12345678", "123456", "letmein", "admin", "postgres", "root", "sa", "your-password", "yourpassword", "your_password", "yourStrong(!)Password", "your-secret", "<password>", "<secret>",
    };

    /// <summary>As it may be shown: secrets and the passwords inside connection strings are masked, that something is set is not.</summary>
    public static string Shown(string key, string value) =>
        value.Length == 0 ? "" : IsSecret(key) ? Mask : IsConnectionString(key) ? Masked(value) : value;

    /// <summary>Null, or the first setting whose secret is one that everybody knows, in a sentence with the fix.</summary>
    public static string? SampleFault(IConfiguration configuration)
    {
        foreach (var (key, value) in configuration.AsEnumerable())
        {
            if (value is not { Length: > 0 } || !IsOurs(key))
                continue;
            if (IsSecret(key) && Samples.Contains(value))
                return $"{key} is a value that stands in examples: set one of your own, best from a file or the environment (FHIREMR__{key.Replace(":", "__", StringComparison.Ordinal)}).";
            if (IsConnectionString(key) && Parts(value) is { } parts && parts.Cast<KeyValuePair<string, object>>().FirstOrDefault(p => IsSecretName(p.Key) && Samples.Contains($"{p.Value}")).Key is { } name)
                return $"{key} has a {name} that stands in examples: give the database's user one of its own.";
        }

        return null;
    }

    /// <summary>Only the server's own sections: the environment of the machine is nobody's business here.</summary>
    public static bool IsOurs(string key) => Sections.Contains(key.Split(':')[0]);

    private static readonly HashSet<string> Sections = new(StringComparer.OrdinalIgnoreCase)
    {
        "Access", "Audit", "Auth", "Backup", "Billing", "Definitions", "Encryption", "Hl7V2", "Import", "Kestrel", "Limits", "Logging", "Mail", "Outbound", "Proxy", "Records", "Search", "Server", "Storage",
        "Subscriptions", "Terminology", "Validation", "urls",
    };

    private static bool IsSecret(string key) => IsSecretName(key[(key.LastIndexOf(':') + 1)..]);

    /// <summary>A file or an environment variable that holds a secret is none itself; the number of tokens a minute is none either.</summary>
    private static bool IsSecretName(string name)
    {
        var plain = name.Replace(" ", "", StringComparison.Ordinal).Replace("_", "", StringComparison.Ordinal).Replace("-", "", StringComparison.Ordinal);
        return Names.Any(n => plain.EndsWith(n, StringComparison.OrdinalIgnoreCase));
    }

    private static bool IsConnectionString(string key) => key.EndsWith("ConnectionString", StringComparison.OrdinalIgnoreCase);

    private static string Masked(string value)
    {
        if (Parts(value) is not { } parts)
            return Mask; // whatever it is, it may hold one
        foreach (var name in parts.Keys.Cast<string>().Where(IsSecretName).ToList())
            parts[name] = Mask;
        return parts.ConnectionString;
    }

    private static DbConnectionStringBuilder? Parts(string value)
    {
        try
        {
            return new DbConnectionStringBuilder { ConnectionString = value };
        }
        catch (ArgumentException)
        {
            return null;
        }
    }
}
