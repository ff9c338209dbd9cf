using System.Globalization;

namespace FhirEmr.FhirServer.Operations.Matching;

/// <summary>Two Patient records, field by field. What one of them lacks says nothing.</summary>
internal sealed class Comparison
{
    private readonly PatientTraits asked;
    private readonly PatientTraits candidate;
    private readonly List<FieldVerdict> fields = [];
    private double name, birth, gender, contact;
    private bool hasIdentifier;

    public Comparison(PatientTraits asked, PatientTraits candidate)
    {
        (this.asked, this.candidate) = (asked, candidate);
        Identifiers();
        Name();
        BirthDate();
        Gender();
        Telecom();
        Address();
    }

    public IReadOnlyList<FieldVerdict> Fields => fields;

    /// <summary>An identifier that one person has and nobody else agrees.</summary>
    public bool HasStrongIdentifier { get; private set; }

    /// <summary>Both have a given name, and neither is a form or a slip of the other.</summary>
    public bool IsGivenDifferent { get; private set; }

    /// <summary>A strong identifier with nothing against it, or name and birth date together with something that strangers do not share.</summary>
    public bool IsSure => name >= 0 && birth >= 0 && gender >= 0
        && (HasStrongIdentifier || (name >= 7 && birth >= BirthDates.Exact && (contact >= 3 || hasIdentifier)));

    private void Add(string field, double weight, string text) =>
        fields.Add(new(field, weight, string.Create(CultureInfo.InvariantCulture, $"{text} ({(weight >= 0 ? "+" : "")}{weight:0.0})")));

    private void Identifiers()
    {
        foreach (var a in asked.Identifiers.Where(i => i.IsUsable))
        {
            var same = candidate.Identifiers.Where(i => i.IsUsable && (i.System == a.System || (a.IsSsn && i.IsSsn))).ToArray();
            if (same.FirstOrDefault(i => i.Value == a.Value) is not null)
            {
                var (weight, strong) = a.Kind switch
                {
                    "MB" or "SN" or "HC" => (6.0, false), // a family shares its insurance number
                    _ when a.System is null && !a.IsSsn => (5.0, false),
                    _ => (16.0, true),
                };
                (hasIdentifier, HasStrongIdentifier) = (true, HasStrongIdentifier || strong);
                Add("identifier", weight, $"Identifier {Named(a)} agrees");
            }
            else if (a.IsSsn && same.Length > 0)
            {
                if (same.Any(i => Similarity.IsOneSlip(i.Value, a.Value)))
                    Add("identifier", 5, $"Identifier {Named(a)} is one slip away");
                else
                    Add("identifier", -8, $"Identifier {Named(a)} differs, and nobody has two");
            }
        }
    }

    private static string Named(PersonIdentifier i) => i.IsSsn ? "social security number" : i.Kind is { } kind ? $"of type {kind}" : i.System is { } system ? $"of {system}" : "without a system";

    private void Name()
    {
        NameVerdict? best = null;
        foreach (var a in asked.Names)
            foreach (var b in candidate.Names)
                if (NameVerdict.Of(a, b) is { } verdict && (best is null || verdict.Total > best.Total))
                    best = verdict;
        if (best is null)
            return;

        (name, IsGivenDifferent) = (best.Total, best.IsGivenDifferent);
        foreach (var (field, weight, text) in best.Parts)
            Add(field, weight, text);
        if (best.Parts.Any(p => p.Weight < 0))
            name = Math.Min(name, -1);
    }

    private void BirthDate()
    {
        if (asked.BirthDate is not { } a || candidate.BirthDate is not { } b)
            return;
        (birth, var text) = BirthDates.Compare(a, b);
        Add("birthDate", birth, text);
    }

    private void Gender()
    {
        if (asked.Gender is null || candidate.Gender is null)
            return;
        gender = asked.Gender == candidate.Gender ? 0.9 : -4;
        Add("gender", gender, gender > 0 ? "Gender agrees" : $"Gender differs: {asked.Gender} and {candidate.Gender}");
    }

    private void Telecom()
    {
        var phone = asked.Phones.Intersect(candidate.Phones).Any();
        var email = asked.Emails.Intersect(candidate.Emails).Any();
        if (!phone && !email)
            return;
        var weight = email && phone ? 6 : email ? 5 : 4;
        contact += weight;
        Add("telecom", weight, email && phone ? "Telephone and e-mail agree" : email ? "E-mail agrees" : "Telephone agrees");
    }

    private void Address()
    {
        if (asked.Addresses.Count == 0 || candidate.Addresses.Count == 0)
            return;

        var (weight, text) = (-0.5, "No address agrees");
        foreach (var a in asked.Addresses)
            foreach (var b in candidate.Addresses)
            {
                var (line, postal, city) = (a.Line.Length > 0 && a.Line == b.Line, a.PostalCode.Length > 0 && a.PostalCode == b.PostalCode, a.City.Length > 0 && a.City == b.City);
                var found = (line ? 3 : 0) + (postal ? 1.5 : city ? 0.7 : 0);
                if (found > weight && found > 0)
                    (weight, text) = (found, string.Join(" and ", new[] { line ? "street" : null, postal ? "postal code" : city ? "city" : null }.OfType<string>()) + " of an address agree" + (line && (postal || city) ? "" : "s"));
            }

        contact += Math.Max(0, weight);
        Add("address", weight, char.ToUpperInvariant(text[0]) + text[1..]);
    }
}
