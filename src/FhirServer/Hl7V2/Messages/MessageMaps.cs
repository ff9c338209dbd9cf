using FhirEmr.FhirServer.Hl7V2.Syntax;

namespace FhirEmr.FhirServer.Hl7V2.Messages;

/// <summary>The messages that are taken in, in one list.</summary>
internal static class MessageMaps
{
    /// <param name="IsAdmission">It is about the patient: it may make and change one.</param>
    public sealed record Map(string Type, IReadOnlyList<string> Events, bool IsAdmission, Func<MessageScope, IReadOnlyList<MappedResource>> Resources);

    public static IReadOnlyList<Map> All { get; } =
    [
        new("ADT", ["A01", "A03", "A04", "A08", "A11"], true, AdmissionMap.Map),
        new("ADT", [Merge], true, Merged),
        new("ORU", ["R01"], false, ResultMap.Map),
        new("SIU", ["S12", "S13", "S14", "S15"], false, ScheduleMap.Map),
        new("MDM", ["T02", "T06", "T08"], false, DocumentMap.Map),
        new("VXU", ["V04"], false, VaccinationMap.Map),
    ];

    public const string Merge = "A40";

    /// <summary>All of A40 is about the patients themselves; but one that names no record to merge away is in error.</summary>
    private static IReadOnlyList<MappedResource> Merged(MessageScope scope)
    {
        PatientSegments.Prior(scope);
        return [];
    }

    /// <summary>The map of a message, or why there is none.</summary>
    public static (Map? Map, MessageFault? Fault) Find(Msh header)
    {
        var ofType = All.Where(m => m.Type == header.Type).ToList();
        if (ofType.Count == 0)
            return (null, new(ErrorCodes.UnsupportedMessageType, $"Messages of this type are not taken; {string.Join(", ", All.Select(m => m.Type).Distinct())} are.", new("MSH", 1, 9, 1, 1)));
        return ofType.Find(m => m.Events.Contains(header.Event)) is { } map ? (map, null)
            : (null, new(ErrorCodes.UnsupportedEvent, $"This event is not taken; of {header.Type} {string.Join(", ", ofType.SelectMany(m => m.Events))} are.", new("MSH", 1, 9, 1, 2)));
    }
}
