using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace FhirEmr.FhirServer.Security.Smart.Keys;

/// <summary>The files that keys of tokens lie in: outside the database and its backups, readable by this user only (security S-62).</summary>
/// <remarks>
/// A file says since when its key is used: <c>sign-20261128T190000000Z-[kid].pem</c>, <c>seal-20261128T190000000Z-[kid].key</c>. Nodes that share the folder agree
/// without talking: the newest key in force is used, all others verify.
/// </remarks>
internal sealed class KeyFolder(string path)
{
    /// <summary>To the millisecond: a key made right after another replaces it. Files of before say the second.</summary>
    private const string Stamp = "yyyyMMdd'T'HHmmssfff'Z'";

    private static readonly string[] Stamps = [Stamp, "yyyyMMdd'T'HHmmss'Z'"];

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    public string Path { get; } = path;

    public IReadOnlyList<TokenKey> Read()
    {
        if (!Directory.Exists(Path))
            return [];
        var keys = new List<TokenKey>();
        foreach (var file in Directory.EnumerateFiles(Path).Order(StringComparer.Ordinal))
            if (Named(System.IO.Path.GetFileName(file)) is var (purpose, since, kid))
                keys.Add(Load(file, purpose, since, kid));
        return keys;
    }

    /// <summary>Makes a key that is used from <paramref name="since"/> on.</summary>
    public TokenKey Create(KeyPurpose purpose, DateTimeOffset since)
    {
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(Path);
        else
            Directory.CreateDirectory(Path, OwnerOnly | UnixFileMode.UserExecute);
        var (kid, text) = purpose == KeyPurpose.Sign ? NewSigningKey() : NewSealingKey();
        var name = $"{(purpose == KeyPurpose.Sign ? "sign" : "seal")}-{since.UtcDateTime.ToString(Stamp, CultureInfo.InvariantCulture)}-{kid}.{(purpose == KeyPurpose.Sign ? "pem" : "key")}";
        var file = System.IO.Path.Combine(Path, name);
        var making = file + ".new";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using (var stream = new FileStream(making, options))
        {
            stream.Write(Encoding.ASCII.GetBytes(text));
            stream.Flush(flushToDisk: true); // a token must not outlive the key it was signed with
        }

        File.Move(making, file);
        return Load(file, purpose, since, kid);
    }

    public static void Delete(TokenKey key) => File.Delete(key.File);

    private static (KeyPurpose Purpose, DateTimeOffset Since, string Kid)? Named(string name)
    {
        var parts = System.IO.Path.GetFileNameWithoutExtension(name).Split('-', 3);
        KeyPurpose? purpose = (parts[0], System.IO.Path.GetExtension(name)) switch
        {
            ("sign", ".pem") => KeyPurpose.Sign,
            ("seal", ".key") => KeyPurpose.Seal,
            _ => null,
        };
        return purpose is { } known && parts.Length == 3
            && DateTimeOffset.TryParseExact(parts[1], Stamps, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var since)
            ? (known, since, parts[2])
            : null;
    }

    private static TokenKey Load(string file, KeyPurpose purpose, DateTimeOffset since, string kid)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file) & ~OwnerOnly) != 0)
            throw new KeyException($"Others may read {file}, which signs access to every record: chmod 600 it, and make a new key (fhir-emr keys rotate --now) if anyone could have.");
        var text = File.ReadAllText(file);
        try
        {
            if (purpose == KeyPurpose.Seal)
                return new(purpose, kid, since, file, new SymmetricSecurityKey(Convert.FromBase64String(text)) { KeyId = kid });
            var key = ECDsa.Create();
            key.ImportFromPem(text);
            return new(purpose, kid, since, file, new ECDsaSecurityKey(key) { KeyId = kid });
        }
        catch (Exception e) when (e is FormatException or ArgumentException or CryptographicException)
        {
            throw new KeyException($"{file} is no key of this server. Restore it from where keys are kept, or remove it: whoever is signed in then signs in again.");
        }
    }

    private static (string Kid, string Text) NewSigningKey()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var thumbprint = Base64UrlEncoder.Encode(JsonWebKeyConverter.ConvertFromECDsaSecurityKey(new ECDsaSecurityKey(key)).ComputeJwkThumbprint());
        return (thumbprint, key.ExportPkcs8PrivateKeyPem());
    }

    private static (string Kid, string Text) NewSealingKey() =>
        (Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(16)), Convert.ToBase64String(RandomNumberGenerator.GetBytes(32)));
}

/// <summary>What a key is for.</summary>
internal enum KeyPurpose
{
    /// <summary>Signs what others read: access and id tokens (ES256).</summary>
    Sign,

    /// <summary>Encrypts what only this server reads: codes and refresh tokens.</summary>
    Seal,
}

/// <summary>One key of tokens.</summary>
/// <param name="Since">When it is used from, or was.</param>
internal sealed record TokenKey(KeyPurpose Purpose, string Kid, DateTimeOffset Since, string File, SecurityKey Key);

/// <summary>Keys that cannot be used as they are: a sentence with the fix.</summary>
internal sealed class KeyException(string message) : Exception(message);
