using FhirEmr.BillingBridge.X12.Syntax;

namespace FhirEmr.BillingBridge.X12.Transactions;

/// <summary>What the levels of a 270 and a 271 (005010X279A1) must hold.</summary>
internal static class EligibilityChecks
{
    public static void Request(ReadLevel read, X12Findings findings)
    {
        RequireName(read, findings);
        if (!read.Level.IsPerson)
            return;
        // A subscriber whose dependent is asked about carries no question of its own.
        if (!read.HasChildren)
            read.Require("EQ", Loop(read, "2110"), "Nothing is asked about this person (EQ).", findings);
    }

    public static void Response(ReadLevel read, X12Findings findings)
    {
        RequireName(read, findings);
        if (read.Level.IsPerson && !read.HasChildren && read.First("EB") is null && read.First("AAA") is null)
            findings.Refuse("IK3-3", "The answer holds neither a benefit (EB) nor a rejection (AAA).", read.Hl.AtMissing("EB", Loop(read, "2110")));
        foreach (var rejection in read.Segments.Where(s => s.Id == "AAA" && s.Text(3) is null))
            findings.Refuse("IK4-1", "AAA03, the reason of the rejection, is required.", rejection.At(3, loop: Loop(read, "2100")));
    }

    private static void RequireName(ReadLevel read, X12Findings findings)
    {
        // An NM1 below EB names another party, not whose level it is.
        var name = read.Segments.TakeWhile(s => s.Id != "EB").FirstOrDefault(s => s.Id == "NM1");
        if (name is null)
            findings.Refuse("IK3-3", $"The level has no name (NM1): HL03 {read.Level.Hl.Level}.", read.Hl.AtMissing("NM1", Loop(read, "2100")));
        else if (name[8] == "XX" && !Npi.IsValid(name.Text(9)))
            findings.Refuse("IK4-7", "NM109 is not an NPI: its check digit is wrong.", name.At(9, loop: Loop(read, "2100")));
    }

    // 2000A to D and the loops below share their numbers; the letter tells the level.
    private static string Loop(ReadLevel read, string number) => number + read.Level.Hl.Level switch
    {
        "20" => "A",
        "21" => "B",
        "22" => "C",
        _ => "D",
    };
}
