using System.Security.Cryptography;
using System.Text;

namespace FhirEmr.FhirServer.Rest;

/// <summary>The name under which a client may send a request again and get its first answer (reliability R-20).</summary>
/// <param name="Digest">SHA-256 in hexadecimal of all that decides the request: method, address, conditions, preference, body.</param>
internal sealed record IdempotencyKey(string Name, string Digest)
{
    public const string Header = "Idempotency-Key";

    private const int MostCharacters = 180;

    /// <summary>What the first run wrote, where its answer was too large to keep: the answer is made again from it. Empty otherwise.</summary>
    public ReadOnlyMemory<byte> Written { get; init; }

    /// <summary>
    /// The same for a caller under a plan: with other rights the same request is another request, so that an answer is not given again to who may no
    /// longer see it. The server's own keys hold a blank, and stay.
    /// </summary>
    public IdempotencyKey Under(string plan) => Name.StartsWith("job ", StringComparison.Ordinal) ? this
        : this with { Digest = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{Digest}\n{plan}"))) };

    /// <summary>The key for one entry of a batch: each entry is kept for itself.</summary>
    public IdempotencyKey OfEntry(int index) => this with { Name = $"{Name} #{index}" };

    /// <summary>Null when the header is absent, or the method repeats safely without it.</summary>
    public static (IdempotencyKey? Key, FhirFault? Fault) Read(FhirRequest request, string? header, string path, string? contentType, ReadOnlySpan<byte> body)
    {
        if (header is null || request.Method is not ("POST" or "PATCH"))
            return (null, null);

        // A value in quotes (the IETF draft has it so) names the same as one without.
        var name = header.Trim().Trim('"');
        if (name.Length is 0 or > MostCharacters || name.Any(c => c is <= ' ' or > '~'))
            return (null, FhirFault.Of(FaultKind.Invalid, $"{Header} is 1 to {MostCharacters} visible ASCII characters, e.g. a UUID.", code: "value"));
        return (new(name, DigestOf(request, path, contentType, body)), null);
    }

    private static string DigestOf(FhirRequest request, string path, string? contentType, ReadOnlySpan<byte> body)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var query = string.Join('&', request.Query.Select(p => $"{p.Key}={p.Value}"));
        hash.AppendData(Encoding.UTF8.GetBytes(string.Join('\n',
            request.Method, path, query, contentType, request.Headers.IfMatch, request.Headers.IfNoneExist, request.Prefer.Return, request.Prefer.Async, "")));
        hash.AppendData(body);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
