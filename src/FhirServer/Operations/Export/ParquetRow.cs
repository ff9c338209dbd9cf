using System.Globalization;
using FhirEmr.FhirServer.Resources;
using FhirEmr.FhirServer.Search.Indexing;

namespace FhirEmr.FhirServer.Operations.Export;

/// <summary>A resource as one flat row: what analysts ask of nearly every type, under the same names for all, and the resource itself.</summary>
/// <remarks>The meaning of each column is in docs/bulk-data.md and stays; further ones may come behind.</remarks>
internal sealed class ParquetRow
{
    private static readonly string[] Subjects = ["patient", "subject", "beneficiary", "for", "individual"];
    private static readonly string[] Encounters = ["encounter", "context"];
    private static readonly string[] People = ["performer", "requester", "recorder", "asserter", "author", "practitioner", "provider", "participant", "careTeam", "generalPractitioner"];
    private static readonly string[] Houses = ["serviceProvider", "managingOrganization", "organization", "insurer", "payor", "provider", "performer"];
    private static readonly string[] Codes = ["code", "medication", "vaccineCode", "type", "class", "serviceType"];
    private static readonly string[] Starts = ["effective", "onset", "performed", "occurrence", "period", "billablePeriod", "serviced", "authoredOn", "start", "date", "recordedDate", "recorded", "issued", "created", "sent"];
    private static readonly string[] Ends = ["end", "abatement"];
    private static readonly string[] Amounts = ["total", "paymentAmount", "netAmount", "totalNet", "amount"];

    private readonly TimeZoneInfo zone;

    private ParquetRow(TimeZoneInfo zone) => this.zone = zone;

    public string? Id { get; private set; }

    public int? Version { get; private set; }

    public DateTime? LastUpdated { get; private set; }

    public string? PatientId { get; private set; }

    public string? EncounterId { get; private set; }

    public string? PractitionerId { get; private set; }

    public string? OrganizationId { get; private set; }

    public string? Subject { get; private set; }

    public string? Status { get; private set; }

    public string? CategoryCode { get; private set; }

    public string? CodeSystem { get; private set; }

    public string? Code { get; private set; }

    public string? CodeDisplay { get; private set; }

    public string? CodeText { get; private set; }

    public DateTime? Start { get; private set; }

    public DateTime? End { get; private set; }

    public double? ValueNumber { get; private set; }

    public string? ValueUnit { get; private set; }

    public string? ValueCode { get; private set; }

    public string? ValueText { get; private set; }

    public decimal? Amount { get; private set; }

    public string? Currency { get; private set; }

    public string? Gender { get; private set; }

    public string? BirthDate { get; private set; }

    public string Resource { get; private set; } = "";

    public static ParquetRow Of(FhirNode resource, string json, TimeZoneInfo zone)
    {
        var row = new ParquetRow(zone) { Resource = json };
        row.Identify(resource);
        row.Classify(resource);
        row.Date(resource);
        row.Value(resource.Child("value"));
        row.Price(resource);
        return row;
    }

    private void Identify(FhirNode resource)
    {
        (var type, Id) = (resource.Type.Name, resource.TextOf("id"));
        if (resource.Child("meta") is { Exists: true } meta)
        {
            Version = int.TryParse(meta.TextOf("versionId"), NumberStyles.None, CultureInfo.InvariantCulture, out var version) ? version : null;
            LastUpdated = From(meta.Child("lastUpdated"), isEnd: false);
        }

        PatientId = type == "Patient" ? Id : Referred(resource, Subjects, "Patient");
        EncounterId = type == "Encounter" ? Id : Referred(resource, Encounters, "Encounter");
        PractitionerId = type == "Practitioner" ? Id : Referred(resource, People, "Practitioner");
        OrganizationId = type == "Organization" ? Id : Referred(resource, Houses, "Organization");
        Subject = References(resource, Subjects).FirstOrDefault();
        (Gender, BirthDate) = (resource.TextOf("gender"), resource.TextOf("birthDate"));
    }

    private void Classify(FhirNode resource)
    {
        Status = resource.Child("status") is { Exists: true } status && status.Type.IsPrimitive ? status.Text : Coding(resource.Child("clinicalStatus")).Code;
        CategoryCode = Coding(resource.Child("category")).Code;
        foreach (var name in Codes)
        {
            if (resource.Child(name) is not { Exists: true } code || code.Type.Name is not ("CodeableConcept" or "Coding"))
                continue;
            (CodeSystem, Code, CodeDisplay) = Coding(code);
            CodeText = code.TextOf("text") ?? CodeDisplay;
            return;
        }
    }

    private void Date(FhirNode resource)
    {
        foreach (var name in Starts)
        {
            if (resource.Child(name) is not { Exists: true } date)
                continue;
            var isPeriod = date.Type.Name == "Period";
            if (!isPeriod && !date.Type.IsPrimitive)
                continue;
            Start = From(isPeriod ? date.Child("start") : date, isEnd: false);
            End = isPeriod ? From(date.Child("end"), isEnd: true) : null;
            break;
        }

        foreach (var name in Ends)
            if (resource.Child(name) is { Exists: true } end && end.Type.IsPrimitive)
                End ??= From(end, isEnd: true);
    }

    private void Value(FhirNode value)
    {
        if (!value.Exists)
            return;
        if (value.Type.IsPrimitive)
        {
            ValueText = value.Text;
            if (value.Kind == NodeKind.Number)
                ValueNumber = Number(ValueText);
        }
        else if (value.Child("coding").Exists || value.TextOf("text") is not null)
        {
            var (_, code, display) = Coding(value);
            (ValueCode, ValueText) = (code, value.TextOf("text") ?? display);
        }
        else if (value.TextOf("value") is { } quantity)
        {
            (ValueNumber, ValueText) = (Number(quantity), quantity);
            (ValueUnit, ValueCode) = (value.TextOf("unit") ?? value.TextOf("code"), value.TextOf("code"));
        }
    }

    private void Price(FhirNode resource)
    {
        foreach (var name in Amounts)
        {
            var money = resource.Child(name);
            if (money.Exists && money.Child("amount") is { Exists: true } within)
                money = within;
            if (!money.Exists || money.Type.Name != "Money")
                continue;
            Amount = decimal.TryParse(money.TextOf("value"), NumberStyles.Float, CultureInfo.InvariantCulture, out var amount) && Math.Abs(amount) < 1e14m ? decimal.Round(amount, 4) : null;
            Currency = money.TextOf("currency");
            return;
        }
    }

    private static (string? System, string? Code, string? Display) Coding(FhirNode concept)
    {
        if (!concept.Exists)
            return default;
        var coding = concept.Type.Name == "Coding" ? concept : concept.Child("coding");
        return coding.Exists ? (coding.TextOf("system"), coding.TextOf("code"), coding.TextOf("display")) : default;
    }

    private static string? Referred(FhirNode resource, string[] names, string type) => References(resource, names)
        .Select(r => ResourceKey.TryParseRelative(r, out var key, out _) && key.Type == type ? key.Id : null).OfType<string>().FirstOrDefault();

    /// <summary>References under these names, or one level below them.</summary>
    private static IEnumerable<string> References(FhirNode resource, string[] names)
    {
        var found = new List<(int Rank, string Reference)>();
        foreach (var child in resource.Children)
        {
            var rank = Array.IndexOf(names, FhirNames.Name(child.NameId));
            if (rank < 0 || child.Kind != NodeKind.Object)
                continue;
            if (child.TextOf("reference") is { } own)
                found.Add((rank, own));
            foreach (var below in child.Children)
                if (below.Kind == NodeKind.Object && below.TextOf("reference") is { } inner)
                    found.Add((rank, inner));
        }

        return found.OrderBy(f => f.Rank).Select(f => f.Reference);
    }

    private DateTime? From(FhirNode date, bool isEnd)
    {
        if (!date.Exists || !FhirDate.TryParse(date.Utf8, out var parsed))
            return null;
        var range = DateRange.Covering(parsed, zone);
        var at = isEnd && !parsed.HasTime ? range.Hi : range.Lo; // a day ends with the midnight after it
        return at is > -62_135_596_800_000 and < 253_402_300_800_000 ? DateTimeOffset.FromUnixTimeMilliseconds(at).UtcDateTime : null;
    }

    private static double? Number(string text) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
