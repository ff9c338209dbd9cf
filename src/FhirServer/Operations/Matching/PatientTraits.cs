using System.Text;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>What a Patient is recognised by, folded so that two spellings of the same thing are equal.</summary>
internal sealed class PatientTraits
{
    public List<PersonName> Names { get; } = [];

    public List<PersonIdentifier> Identifiers { get; } = [];

    /// <summary>As FHIR writes it: YYYY, YYYY-MM or YYYY-MM-DD; null when unknown.</summary>
    public string? BirthDate { get; private init; }

    /// <summary>male or female; null for anything that tells nobody apart.</summary>
    public string? Gender { get; private init; }

    /// <summary>Last ten digits.</summary>
    public List<string> Phones { get; } = [];

    public List<string> Emails { get; } = [];

    public List<PersonAddress> Addresses { get; } = [];

    /// <summary>The record that replaced this one (Patient.link of type replaced-by).</summary>
    public string? ReplacedBy { get; private set; }

    /// <exception cref="InvalidDataException">It is no resource.</exception>
    public static PatientTraits Of(ReadOnlyMemory<byte> json) => Of(FhirJsonReader.Read(json, out _)?.Root ?? throw new InvalidDataException("A Patient cannot be read; run the doctor."));

    public static PatientTraits Of(FhirNode patient)
    {
        var traits = new PatientTraits
        {
            BirthDate = patient.TextOf("birthDate"),
            Gender = patient.TextOf("gender") switch { "male" => "male", "female" => "female", _ => null },
        };
        foreach (var child in patient.Children)
        {
            if (child.Kind != NodeKind.Object)
                continue;
            switch (FhirNames.Name(child.NameId))
            {
                case "name":
                    traits.Names.Add(PersonName.Of(child));
                    break;
                case "identifier" when child.TextOf("value") is { } value:
                    traits.Identifiers.Add(PersonIdentifier.Of(child, value));
                    break;
                case "telecom" when child.TextOf("value") is { } value:
                    traits.AddTelecom(child.TextOf("system"), value);
                    break;
                case "address":
                    traits.Addresses.Add(PersonAddress.Of(child));
                    break;
                case "link" when child.TextOf("type") == "replaced-by":
                    traits.ReplacedBy = child.Child("other") is { Exists: true } other ? other.TextOf("reference") : null;
                    break;
            }
        }

        return traits;
    }

    internal static string Alphanumeric(string text) => new([.. text.Where(char.IsLetterOrDigit).Select(char.ToUpperInvariant)]);

    private void AddTelecom(string? system, string value)
    {
        if (value.Contains('@', StringComparison.Ordinal))
            Emails.Add(value.Trim().ToLowerInvariant());
        else if (system is null or "phone" or "sms" && new string([.. value.Where(char.IsAsciiDigit)]) is { Length: >= 7 } digits)
            Phones.Add(digits.Length > 10 ? digits[^10..] : digits);
    }
}

/// <param name="Family">Folded parts of the family name: "Smith-Jones" has two.</param>
/// <param name="Given">Folded given names in order.</param>
/// <param name="Text">For sentences.</param>
internal sealed record PersonName(IReadOnlyList<string> Family, IReadOnlyList<string> Given, string Text)
{
    public string WholeFamily { get; } = string.Concat(Family);

    public static PersonName Of(FhirNode name)
    {
        var family = name.TextOf("family");
        var given = new List<string>();
        foreach (var child in name.Children)
            if (FhirNames.Name(child.NameId) == "given" && child.Kind == NodeKind.Text)
                given.Add(child.Text);
        if (family is null && given.Count == 0 && name.TextOf("text") is { } text)
        {
            // Only a text: the last word is taken for the family name, as in "John A. Smith"; before a comma it is the first, as in "Smith, John".
            var comma = text.IndexOf(',', StringComparison.Ordinal);
            var words = (comma < 0 ? text : text[(comma + 1)..] + " " + text[..comma]).Split(' ', StringSplitOptions.RemoveEmptyEntries);
            if (words is [.. var first, var last])
                (family, given) = (last, [.. first]);
        }

        return new(Parts(family), [.. given.SelectMany(Parts)], string.Join(' ', [.. given, family ?? ""]).Trim());
    }

    private static List<string> Parts(string? text) => [.. (text ?? "").Split([' ', '-', '\u2010', '\u2011'], StringSplitOptions.RemoveEmptyEntries)
        .Select(p => StringFolding.Fold(p).Replace(" ", "", StringComparison.Ordinal)).Where(p => p.Length > 0)];
}

/// <param name="Value">Letters and digits only, upper case.</param>
/// <param name="Kind">Code of HL7 table 0203 (SS, MR, MB ...), as far as type or system tell.</param>
/// <param name="Written">As it stands in the resource, for the index.</param>
internal sealed record PersonIdentifier(string? System, string Value, string? Kind, string Written)
{
    private const string UsSsn = "http://hl7.org/fhir/sid/us-ssn";

    public bool IsSsn => Kind == "SS";

    /// <summary>Whether its authority gives one to each person and keeps it: not so a licence, an account, a visit.</summary>
    public bool IsOfRecord => Kind is not ("SS" or "DL" or "PPN" or "MC" or "MA" or "MB" or "AN" or "VN" or "BC" or "NI" or "CZ" or "PT-TEMP");

    public static PersonIdentifier Of(FhirNode identifier, string value)
    {
        var system = identifier.TextOf("system");
        string? kind = null;
        if (identifier.Child("type") is { Exists: true } type)
            foreach (var coding in type.Children)
                if (FhirNames.Name(coding.NameId) == "coding")
                    kind ??= coding.TextOf("code");
        return new(system, PatientTraits.Alphanumeric(value), system is UsSsn or "urn:oid:2.16.840.1.113883.4.1" ? "SS" : kind, value);
    }

    /// <summary>Placeholders such as 999-99-9999 are nobody's.</summary>
    public bool IsUsable => Value.Length > 0 && (!IsSsn || (Value.Length == 9 && Value.Distinct().Count() > 1 && Value != "123456789" && !Value.StartsWith("000", StringComparison.Ordinal)));
}

internal sealed record PersonAddress(string Line, string City, string PostalCode)
{
    private static readonly Dictionary<string, string> Short = new(StringComparer.Ordinal)
    {
        ["street"] = "st",
        ["avenue"] = "ave",
        ["road"] = "rd",
        ["drive"] = "dr",
        ["lane"] = "ln",
        ["boulevard"] = "blvd",
        ["court"] = "ct",
        ["place"] = "pl",
        ["apartment"] = "apt",
        ["suite"] = "ste",
        ["unit"] = "apt",
        ["north"] = "n",
        ["south"] = "s",
        ["east"] = "e",
        ["west"] = "w",
    };

    public static PersonAddress Of(FhirNode address)
    {
        var line = new StringBuilder();
        foreach (var child in address.Children)
            if (FhirNames.Name(child.NameId) == "line" && child.Kind == NodeKind.Text)
                line.Append(child.Text).Append(' ');
        var words = new string([.. line.ToString().Select(c => char.IsLetterOrDigit(c) ? c : ' ')]).Split(' ', StringSplitOptions.RemoveEmptyEntries)
            .Select(StringFolding.Fold).Select(w => Short.GetValueOrDefault(w, w));
        var postal = PatientTraits.Alphanumeric(address.TextOf("postalCode") ?? "");
        return new(string.Join(' ', words), StringFolding.Fold(address.TextOf("city") ?? ""), postal.Length == 9 && postal.All(char.IsAsciiDigit) ? postal[..5] : postal);
    }
}
