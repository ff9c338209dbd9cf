using System.Globalization;
using FhirEmr.BillingBridge.X12;
using FhirEmr.BillingBridge.X12.Envelope;

namespace FhirEmr.BillingBridge.Interchange.Receiving;

/// <summary>What we think of an interchange → TA1 (billing spec 2.7).</summary>
internal static class InterchangeVerdict
{
    /// <summary>The TA1 of an interchange that was taken in; null when none is due: nobody asked and nothing is wrong, or it holds nothing but TA1s.</summary>
    public static Ta1? Accepted(ReceivedInterchange interchange)
    {
        if (interchange.Groups.Count == 0 && interchange.Answers is not null)
            return null; // an answer is not answered
        var fault = interchange.OwnFindings.FirstOrDefault();
        return fault is not null ? Of(interchange.Isa, "E", Note(fault))
            : interchange.Isa.AcknowledgmentRequested == "1" ? Of(interchange.Isa, "A", "000")
            : null;
    }

    public static Ta1 Rejected(ReceivedInterchange interchange, string note) => Of(interchange.Isa, "R", note);

    /// <summary>TA105 of a finding.</summary>
    public static string Note(X12Finding finding) => (finding.Code, finding.Place?.Element) switch
    {
        ("SYN-ISA", 5 or 6 or 7 or 8) => string.Create(CultureInfo.InvariantCulture, $"{finding.Place.Element:000}"),
        ("SYN-ISA", 9) => "014",
        ("SYN-ISA", 10) => "015",
        ("SYN-ISA", 13) => "018",
        ("SYN-ISA", 14) => "019",
        ("SYN-TRUNCATED", _) => "023",
        ("SYN-TOO-MANY", _) => "024",
        ({ Length: 7 } code, _) when code.StartsWith("TA1-", StringComparison.Ordinal) => code[4..],
        _ => "022",
    };

    private static Ta1 Of(Isa isa, string code, string note) => new(isa.ControlNumber, isa.Date, isa.Time, code, note);
}
