using FhirEmr.FhirServer.Documents;
using FhirEmr.FhirServer.Documents.Ccda.Export;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Rest;
using FhirEmr.FhirServer.Security.Access;

namespace FhirEmr.FhirServer.Operations.Documents;

/// <summary>A CCD and what tells it apart.</summary>
/// <param name="Written">Written when it is asked for: often only its id is.</param>
/// <param name="Id">Made from what went into it: the same record gives the same, at whatever hour.</param>
internal sealed record Ccd(Lazy<byte[]> Written, Guid Id, PatientRecord Record, DateTimeOffset At)
{
    public byte[] Xml => Written.Value;
}

/// <summary>Writes the CCD of a patient from what the caller may see.</summary>
internal sealed class CcdWriting(RecordReader records, OwnRoot own, TimeProvider clock, TimeZoneInfo zone)
{
    public async Task<(Ccd? Ccd, FhirFault? Fault)> WriteAsync(ResourceKey patient, string? from, string? until, AccessPlan access, CancellationToken ct)
    {
        var (record, fault) = await records.ReadAsync(patient, CcdSections.Types, access, ct);
        if (record is null)
            return (null, fault);
        // Masked elements differ between callers, so the rights are part of what it is made from.
        // Documents that are files are not in it, the CCD that was stored before among them.
        var versions = record.All.Where(r => r.Key.Type != "DocumentReference" || AdministrativeEntries.IsNote(r)).Select(r => $"{r.Key}/{r.Version}").Order(StringComparer.Ordinal);
        var id = StableId.Uuid([own.Value, "ccd", patient.ToString(), from ?? "", until ?? "", access.HasMasks ? access.Key : "", .. versions]);
        var now = TimeZoneInfo.ConvertTime(clock.GetUtcNow(), zone);
        return (new(new(() => CcdWriter.Write(new(record, own.Value, now, from, until), id)), id, record, now), null);
    }

    /// <summary>Days of care as an operation's <c>start</c> and <c>end</c>.</summary>
    public static (string? From, string? Until, FhirFault? Fault) Days(string? start, string? end)
    {
        foreach (var (name, value) in (ReadOnlySpan<(string, string?)>)[("start", start), ("end", end)])
            if (value is not null && !FhirDate.TryParse(System.Text.Encoding.UTF8.GetBytes(value), out _))
                return (null, null, FhirFault.Of(FaultKind.Invalid, $"{name}={value} is no date: write YYYY-MM-DD.", code: "value"));
        var (from, until) = (start?[..Math.Min(10, start.Length)], end?[..Math.Min(10, end.Length)]);
        return from is not null && until is not null && string.CompareOrdinal(from, until) > 0
            ? (null, null, FhirFault.Of(FaultKind.Invalid, "start lies behind end: the range is empty. Exchange them.", code: "value")) : (from, until, null);
    }
}
