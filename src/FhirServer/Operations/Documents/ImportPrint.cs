using System.Security.Cryptography;
using FhirEmr.FhirServer.Rest;
using Hl7.Fhir.Model;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>The mark of an imported resource: a print of what the document said, and how new that document was.</summary>
/// <remarks>
/// A stored resource whose content has another print than its mark was changed here since: an import leaves it as it is. So a second run of the
/// same document writes nothing, an updated one updates, an older one takes nothing back, and nobody's work is lost.
/// </remarks>
internal sealed record ImportPrint(string Print, string At)
{
    public const string System = "urn:fhiremr:ccda-import";

    /// <summary>Print of the content alone: no id, no meta.</summary>
    public static string Of(Resource resource)
    {
        var copy = (Resource)resource.DeepCopy();
        (copy.Id, copy.Meta) = (null, null);
        return Convert.ToHexStringLower(SHA256.HashData(FhirFormats.ToJson(copy)).AsSpan(0, 16));
    }

    /// <summary>The mark a resource bears; null when it was not imported.</summary>
    public static ImportPrint? On(Resource resource) =>
        resource.Meta?.Tag.Find(t => t.System == System) is { Code: { } print } tag ? new(print, tag.Version ?? "") : null;

    public void Put(Resource resource)
    {
        resource.Meta ??= new();
        resource.Meta.Tag.RemoveAll(t => t.System == System);
        resource.Meta.Tag.Add(new(System, Print) { Version = At });
    }

    /// <summary>Whether this mark is of a later document than the other.</summary>
    public bool IsLaterThan(string other) =>
        DateTimeOffset.TryParse(At, global::System.Globalization.CultureInfo.InvariantCulture, global::System.Globalization.DateTimeStyles.AssumeUniversal, out var mine)
        && DateTimeOffset.TryParse(other, global::System.Globalization.CultureInfo.InvariantCulture, global::System.Globalization.DateTimeStyles.AssumeUniversal, out var theirs) && mine > theirs;
}
