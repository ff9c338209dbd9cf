namespace FhirEmr.FhirServer.CdsHooks;

/// <summary>Reasons for setting a card aside, of our own code system; feedback that names others is kept as well.</summary>
internal static class OverrideReasons
{
    public const string System = "urn:fhiremr:CodeSystem:cds-override-reason";

    public const string PatientDeclined = "patient-declined", DoneElsewhere = "done-elsewhere", NotIndicated = "not-indicated", NotToday = "not-today", AlreadyAsked = "already-asked",
        NotDocumented = "not-documented", NotBilled = "not-billed", Intended = "intended";

    private static readonly Dictionary<string, string> Displays = new(StringComparer.Ordinal)
    {
        [PatientDeclined] = "The patient does not want it",
        [DoneElsewhere] = "Done elsewhere",
        [NotIndicated] = "Not indicated for this patient",
        [NotToday] = "Not at this visit",
        [AlreadyAsked] = "The payer has been asked another way",
        [NotDocumented] = "The record does not support anything else",
        [NotBilled] = "It is not billed",
        [Intended] = "It is meant so",
    };

    public static string Display(string code) => Displays[code];
}
