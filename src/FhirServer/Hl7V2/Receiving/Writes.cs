using FhirEmr.FhirServer.Hl7V2.Syntax;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Hl7V2.Receiving;

/// <summary>All that one message writes, as one transaction: each entry says what must still stand.</summary>
internal sealed class Writes
{
    private readonly List<ErrorLocation> origins = [];

    public Bundle Bundle { get; } = new() { Type = Bundle.BundleType.Transaction };

    public bool IsEmpty => origins.Count == 0;

    /// <summary>References to what is written.</summary>
    public IEnumerable<string> References => Bundle.Entry.Select(e => $"{e.Resource!.TypeName}/{e.Resource.Id}");

    /// <param name="resource">With its id.</param>
    /// <param name="origin">What of the message says so.</param>
    /// <param name="version">The version it was made from; null for what must not be there yet.</param>
    public void Add(Resource resource, ErrorLocation origin, string? version)
    {
        resource.Meta = Kept(resource.Meta);
        Bundle.Entry.Add(new Bundle.EntryComponent
        {
            Resource = resource,
            Request = new Bundle.RequestComponent
            {
                Method = Bundle.HTTPVerb.PUT,
                Url = $"{resource.TypeName}/{resource.Id}",
                IfMatch = version is null ? null : $"W/\"{version}\"",
                IfNoneMatch = version is null ? "*" : null,
            },
        });
        origins.Add(origin);
    }

    /// <summary>The place of the message that the issue of a refused transaction is about.</summary>
    public ErrorLocation? OriginOf(string? expression)
    {
        const string prefix = "Bundle.entry[";
        if (expression?.StartsWith(prefix, StringComparison.Ordinal) is not true || expression.IndexOf(']', StringComparison.Ordinal) is not (> 0 and var end))
            return null;
        return int.TryParse(expression[prefix.Length..end], System.Globalization.CultureInfo.InvariantCulture, out var index) && index < origins.Count ? origins[index] : null;
    }

    /// <summary>Version and time are the server's to say.</summary>
    private static Meta? Kept(Meta? meta)
    {
        if (meta is null)
            return null;
        var kept = new Meta { Profile = meta.Profile, Security = meta.Security, Tag = meta.Tag, Source = meta.Source };
        return kept.Profile.Any() || kept.Security.Count > 0 || kept.Tag.Count > 0 || kept.Source is not null ? kept : null;
    }
}
