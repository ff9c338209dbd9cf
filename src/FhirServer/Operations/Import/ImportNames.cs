using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using FhirEmr.FhirServer.Operations.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Operations.Import;

/// <summary>New ids for what an import brings, and which references mean it: each follows from the job and the old key, so nothing has to be kept.</summary>
internal sealed class ImportNames
{
    private readonly string job;
    private readonly string? source;
    private readonly HashSet<ulong> known;

    private ImportNames(string job, string? source, HashSet<ulong> known) => (this.job, this.source, this.known) = (job, source, known);

    /// <summary>Reads the keys of all lines: eight bytes of memory for each, and some.</summary>
    public static async Task<ImportNames> ReadAsync(string job, ImportProgress progress, ExportFileReader files, AccessPlan access, CancellationToken ct)
    {
        var known = new HashSet<ulong>();
        foreach (var input in progress.Inputs)
            await foreach (var line in NdJsonLine.ReadAsync(files.PiecesAsync(input.File!, 0, access, ct), default, ct))
                if (KeyIn(line.Bytes.Span) is { } key)
                    known.Add(Mark(key));
        return new(job, progress.Terms.Source, known);
    }

    public ResourceKey Rename(ResourceKey old) => new(old.Type, Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{job}\n{old}")).AsSpan(0, 16)));

    /// <summary>What a reference of the import means here; null when it means nothing of the import.</summary>
    public ResourceKey? Of(string reference)
    {
        if (source is not null && reference.Length > source.Length && reference[source.Length] == '/' && reference.StartsWith(source, StringComparison.Ordinal))
            reference = reference[(source.Length + 1)..];
        return ResourceKey.TryParseRelative(reference, out var key, out _) && known.Contains(Mark(key)) ? Rename(key) : null;
    }

    private static ulong Mark(ResourceKey key) => BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes(key.ToString())));

    private static ResourceKey? KeyIn(ReadOnlySpan<byte> json)
    {
        string? type = null, id = null;
        try
        {
            var reader = new Utf8JsonReader(json);
            while ((type is null || id is null) && reader.Read())
            {
                if (reader.TokenType != JsonTokenType.PropertyName)
                    continue;
                var (isType, isId) = (reader.ValueTextEquals("resourceType"u8), reader.ValueTextEquals("id"u8));
                reader.Read();
                if (isType && reader.TokenType == JsonTokenType.String)
                    type = reader.GetString();
                else if (isId && reader.TokenType == JsonTokenType.String)
                    id = reader.GetString();
                else
                    reader.Skip();
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null; // the line is refused when its turn comes
        }

        return type is not null && id is not null ? new(type, id) : null;
    }
}
