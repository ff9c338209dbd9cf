using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What the levels of a 278 must hold (005010X217 request and response, 005010X215 inquiry).</summary>
internal static class ReviewChecks
{
    public static void Request(ReadLevel read, X12Findings findings)
    {
        RequireName(read, findings);
        if (read.Level.Hl.Level == "EV")
            read.Require("UM", "2000E", "The event says not what is asked for (UM).", findings);
    }

    public static void Response(ReadLevel read, X12Findings findings)
    {
        RequireName(read, findings);
        foreach (var rejection in read.Segments.Where(s => s.Id == "AAA" && s.Text(3) is null))
            findings.Refuse("IK4-1", "AAA03, the reason of the rejection, is required.", rejection.At(3));
        foreach (var decision in read.Segments.Where(s => s.Id == "HCR" && s.Text(1) is null))
            findings.Refuse("IK4-1", "HCR01, the decision, is required.", decision.At(1));
    }

    private static void RequireName(ReadLevel read, X12Findings findings)
    {
        // An event or a service is named by what it is about, not by a party.
        if (read.Level.Hl.Level is "EV" or "SS")
            return;
        if (read.First("NM1") is not { } name)
            findings.Refuse("IK3-3", $"The level has no name (NM1): HL03 {read.Level.Hl.Level}.", read.Hl.AtMissing("NM1"));
        else if (name[8] == "XX" && !Npi.IsValid(name.Text(9)))
            findings.Refuse("IK4-7", "NM109 is not an NPI: its check digit is wrong.", name.At(9));
    }
}
