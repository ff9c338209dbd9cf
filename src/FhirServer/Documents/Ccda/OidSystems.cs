using System.Collections.Frozen;

namespace FhirEmr.FhirServer.Documents.Ccda;

/// <summary>Code systems and identifier systems that CDA names by OID and FHIR by URL, in both directions.</summary>
/// <remarks>terminologies-systems.html and identifier-registry.html of R4; an OID that is not here becomes <c>urn:oid:</c> and back.</remarks>
internal static class OidSystems
{
    public const string Loinc = "2.16.840.1.113883.6.1";
    public const string Snomed = "2.16.840.1.113883.6.96";
    private const string RxNorm = "2.16.840.1.113883.6.88";
    private const string Cvx = "2.16.840.1.113883.12.292";
    public const string ActCode = "2.16.840.1.113883.5.4";
    public const string Npi = "2.16.840.1.113883.4.6";
    public const string Confidentiality = "2.16.840.1.113883.5.25";

    private static readonly (string Oid, string Url)[] Table =
    [
        (Loinc, "http://loinc.org"),
        (Snomed, "http://snomed.info/sct"),
        (RxNorm, "http://www.nlm.nih.gov/research/umls/rxnorm"),
        ("2.16.840.1.113883.6.90", "http://hl7.org/fhir/sid/icd-10-cm"),
        ("2.16.840.1.113883.6.3", "http://hl7.org/fhir/sid/icd-10"),
        ("2.16.840.1.113883.6.4", "http://www.cms.gov/Medicare/Coding/ICD10"),
        ("2.16.840.1.113883.6.103", "http://hl7.org/fhir/sid/icd-9-cm"),
        ("2.16.840.1.113883.6.12", "http://www.ama-assn.org/go/cpt"),
        ("2.16.840.1.113883.6.285", "http://www.cms.gov/Medicare/Coding/HCPCSReleaseCodeSets"),
        (Cvx, "http://hl7.org/fhir/sid/cvx"),
        ("2.16.840.1.113883.12.227", "http://terminology.hl7.org/CodeSystem/MVX"),
        ("2.16.840.1.113883.6.69", "http://hl7.org/fhir/sid/ndc"),
        ("2.16.840.1.113883.4.9", "http://fdasis.nlm.nih.gov"),
        ("2.16.840.1.113883.3.26.1.5", "http://hl7.org/fhir/ndfrt"),
        ("2.16.840.1.113883.3.26.1.1", "http://ncicb.nci.nih.gov/xml/owl/EVS/Thesaurus.owl"),
        ("2.16.840.1.113883.6.8", "http://unitsofmeasure.org"),
        ("2.16.840.1.113883.6.101", "http://nucc.org/provider-taxonomy"),
        ("2.16.840.1.113883.6.50", "https://www.cms.gov/Medicare/Coding/place-of-service-codes/Place_of_Service_Code_Set"),
        ("2.16.840.1.113883.6.259", "https://www.cdc.gov/nhsn/cdaportal/terminology/codesystem/hsloc.html"),
        ("2.16.840.1.113883.3.221.5", "https://nahdo.org/sopt"),
        ("2.16.840.1.113883.12.112", "http://terminology.hl7.org/CodeSystem/discharge-disposition"),
        (ActCode, "http://terminology.hl7.org/CodeSystem/v3-ActCode"),
        ("2.16.840.1.113883.5.1", "http://terminology.hl7.org/CodeSystem/v3-AdministrativeGender"),
        ("2.16.840.1.113883.5.2", "http://terminology.hl7.org/CodeSystem/v3-MaritalStatus"),
        ("2.16.840.1.113883.5.7", "http://terminology.hl7.org/CodeSystem/v3-ActPriority"),
        ("2.16.840.1.113883.5.8", "http://terminology.hl7.org/CodeSystem/v3-ActReason"),
        (Confidentiality, "http://terminology.hl7.org/CodeSystem/v3-Confidentiality"),
        ("2.16.840.1.113883.5.83", "http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation"),
        ("2.16.840.1.113883.5.84", "http://terminology.hl7.org/CodeSystem/v3-ObservationMethod"),
        ("2.16.840.1.113883.5.88", "http://terminology.hl7.org/CodeSystem/v3-ParticipationFunction"),
        ("2.16.840.1.113883.5.90", "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"),
        ("2.16.840.1.113883.5.110", "http://terminology.hl7.org/CodeSystem/v3-RoleClass"),
        ("2.16.840.1.113883.5.111", "http://terminology.hl7.org/CodeSystem/v3-RoleCode"),
        ("2.16.840.1.113883.5.112", "http://terminology.hl7.org/CodeSystem/v3-RouteOfAdministration"),
        ("2.16.840.1.113883.5.139", "http://terminology.hl7.org/CodeSystem/v3-TimingEvent"),
        ("2.16.840.1.113883.5.1008", "http://terminology.hl7.org/CodeSystem/v3-NullFlavor"),
        ("2.16.840.1.113883.5.1076", "http://terminology.hl7.org/CodeSystem/v3-ReligiousAffiliation"),
        (Npi, "http://hl7.org/fhir/sid/us-npi"),
        ("2.16.840.1.113883.4.1", "http://hl7.org/fhir/sid/us-ssn"),
        ("2.16.840.1.113883.4.927", "http://hl7.org/fhir/sid/us-mbi"),
        ("2.16.840.1.113883.4.572", "http://hl7.org/fhir/sid/us-medicare"),
    ];

    private static readonly FrozenDictionary<string, string> ByOid = Table.ToFrozenDictionary(t => t.Oid, t => t.Url, StringComparer.Ordinal);
    private static readonly FrozenDictionary<string, string> ByUrl = Table.ToFrozenDictionary(t => t.Url, t => t.Oid, StringComparer.Ordinal);

    /// <summary>The URL that FHIR names the system by; <c>urn:oid:</c> or <c>urn:uuid:</c> for others; null for what is neither.</summary>
    public static string? UrlOf(string? root) => root is null ? null
        : ByOid.GetValueOrDefault(root) ?? (IsOid(root) ? "urn:oid:" + root : Guid.TryParse(root, out var guid) ? "urn:uuid:" + guid : null);

    /// <summary>The OID or UUID that CDA names the system by; null when it has none.</summary>
    public static string? RootOf(string? url) => url is null ? null
        : ByUrl.GetValueOrDefault(url)
        ?? (url.StartsWith("urn:oid:", StringComparison.Ordinal) && IsOid(url.AsSpan(8)) ? url[8..]
            : url.StartsWith("urn:uuid:", StringComparison.Ordinal) && Guid.TryParse(url.AsSpan(9), out var guid) ? guid.ToString() : null);

    /// <summary>FHIR <c>oid</c>: arcs of digits without leading zeros, of at most 128 characters.</summary>
    public static bool IsOid(ReadOnlySpan<char> text)
    {
        if (text.Length is < 3 or > 128 || text[0] is < '0' or > '2' || text[1] != '.')
            return false;
        var start = true;
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '.')
            {
                if (start)
                    return false;
                start = true;
                continue;
            }

            if (!char.IsAsciiDigit(text[i]) || (!start && text[i - 1] == '0' && (i == 1 || text[i - 2] == '.')))
                return false;
            start = false;
        }

        return !start;
    }
}
